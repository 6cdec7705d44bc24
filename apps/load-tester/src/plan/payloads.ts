import { createHash } from 'node:crypto'

/**
 * The payload of each message of a run: JSON of exactly `payloadBytes` bytes, as `JSON.stringify` would write it, all
 * ASCII, different from every other, and the same whenever it is made again.
 * @returns a function of the message's sequence
 */
export function createPayloads({ run, payloadBytes }: { run: string; payloadBytes: number }) {
  const spread = 4_096
  const text = createHash('shake256', { outputLength: payloadBytes + spread })
    .update(run)
    .digest('base64url')
  return (sequence: number): string => {
    const start = `{"n":${sequence},"text":"`
    const from = (sequence * 61) % spread
    return `${start}${text.slice(from, from + payloadBytes - start.length - 2)}"}`
  }
}
