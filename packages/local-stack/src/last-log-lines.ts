import { open } from 'node:fs/promises'

const TAIL_BYTES = 4_096

/** The last lines of a log file, for a message; empty when there is none. */
export async function lastLogLines(file: string, count = 10): Promise<string> {
  const handle = await open(file).catch(() => undefined)
  if (handle === undefined) return ''
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, TAIL_BYTES)
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8').trimEnd().split('\n').slice(-count).join('\n')
  } finally {
    await handle.close()
  }
}
