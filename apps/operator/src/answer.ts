import { createLayout, type Layout } from '@outbox/service/text-layout'
import type { Command } from 'commander'
import type { Operator } from './operator.ts'

/** Where there is no terminal to measure. */
const defaultWidth = 100

/** Prints what a command found: as lines of text, or with `--json` as one JSON document. */
export function answer(
  command: Command,
  { stdout }: Operator,
  { value, text }: { value: unknown; text: (layout: Layout) => string[] },
): void {
  const json = command.optsWithGlobals().json === true
  const lines = json ? [JSON.stringify(value, replace, 2)] : text(createLayout(stdout.columns ?? defaultWidth))
  stdout.write(`${lines.join('\n')}\n`)
}

/** On a line of its own, for a stream of documents. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, replace)
}

/** 64-bit numbers as strings, bytes as base64. */
function replace(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const given = this[name]
  if (typeof given === 'bigint') return given.toString()
  return given instanceof Uint8Array ? Buffer.from(given).toString('base64') : value
}
