import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Payload } from './payload-file.ts'
import { mix } from './random.ts'

/** Of so many bytes each, or of anything between two bounds, each as likely. */
export type PayloadSizes = { run: string; payloadBytes: number; payloadBytesMax?: number }

/**
 * The payload of each message of a run: JSON of exactly as many bytes as it is to have, as `JSON.stringify` would write
 * it, all ASCII, different from every other, and the same whenever it is made again.
 * @returns a function of the message's sequence
 */
export function createPayloads({ run, payloadBytes, payloadBytesMax = payloadBytes }: PayloadSizes) {
  const spread = 4_096
  const text = createHash('shake256', { outputLength: payloadBytesMax + spread })
    .update(run)
    .digest('base64url')
  const sizes = payloadBytesMax - payloadBytes + 1
  return (sequence: number): Payload => {
    const bytes = payloadBytes + (sizes === 1 ? 0 : mix(sequence) % sizes)
    const start = `{"n":${sequence},"text":"`
    const from = (sequence * 61) % spread
    const payload = `${start}${text.slice(from, from + bytes - start.length - 2)}"}`
    return { text: payload, checksum: crc32(payload) }
  }
}
