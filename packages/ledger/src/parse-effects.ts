import { postgresEpochMs } from './fixed-width-array.ts'
import type { Effect } from './stream-effects.ts'

/** Takes what COPY sends, in pieces of any size. */
export type EffectParser = { push(chunk: Buffer): void; count(): number }

/**
 * Parses rows of `COPY … (FORMAT binary)`: progress_id, sequence, key_sequence, checksum_sent, checksum_received,
 * sent_at, published_at, applied_at, replayed, appended_at, key; of these only the last two may be null.
 * @param groups names by progress_id
 * @see "Binary Format" in https://www.postgresql.org/docs/current/sql-copy.html
 */
export function createEffectParser(
  groups: ReadonlyMap<number, string>,
  onEffect: (effect: Effect) => void,
): EffectParser {
  let rest: Buffer = Buffer.alloc(0)
  let started = false
  let rows = 0

  /** @returns where the next row begins, or −1 when this one isn't there as a whole */
  function parseRow(data: Buffer, start: number): number {
    if (start + fixedBytes + 8 > data.length) return -1
    const appendedIsNull = data.readInt32BE(start + fixedBytes) < 0
    const keyAt = start + fixedBytes + (appendedIsNull ? 4 : 12)
    if (keyAt + 4 > data.length) return -1
    const keyBytes = data.readInt32BE(keyAt)
    const end = keyAt + 4 + Math.max(keyBytes, 0)
    if (end > data.length) return -1
    rows += 1
    onEffect({
      group: groups.get(data.readInt32BE(start + 6)) ?? '',
      sequence: data.readInt32BE(start + 14),
      keySequence: data.readInt32BE(start + 22),
      checksumSent: data.readUInt32BE(start + 30),
      checksumReceived: data.readUInt32BE(start + 38),
      sentAtMs: readTimestampMs(data, start + 46),
      publishedAtMs: readTimestampMs(data, start + 58),
      appliedAtMs: readTimestampMs(data, start + 70),
      replayed: data[start + 82] === 1,
      appendedAtMs: appendedIsNull ? null : readTimestampMs(data, start + fixedBytes + 4),
      key: keyBytes < 0 ? null : data.toString('utf8', keyAt + 4, end),
    })
    return end
  }

  return {
    push(chunk) {
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = 0
      if (!started) {
        if (data.length < headerBytes) {
          rest = data
          return
        }
        started = true
        at = headerBytes
      }
      for (;;) {
        const end = parseRow(data, at)
        if (end < 0) break
        at = end
      }
      rest = data.subarray(at)
    },
    count: () => rows,
  }
}

/** Signature, flags, and the length of an empty extension. */
const headerBytes = 19

/** The number of fields, five integers, three times and a boolean, each behind its length; the lengths are known. */
const fixedBytes = 2 + 5 * 8 + 3 * 12 + 5

function readTimestampMs(data: Buffer, at: number): number {
  return (data.readInt32BE(at) * 2 ** 32 + data.readUInt32BE(at + 4)) / 1_000 + postgresEpochMs
}
