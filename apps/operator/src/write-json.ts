import type { Operator } from './operator.ts'

/** As one JSON document: 64-bit numbers as strings, bytes as base64. */
export function writeJson({ stdout }: Operator, value: unknown): void {
  stdout.write(`${JSON.stringify(value, replace, 2)}\n`)
}

function replace(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const given = this[name]
  if (typeof given === 'bigint') return given.toString()
  return given instanceof Uint8Array ? Buffer.from(given).toString('base64') : value
}
