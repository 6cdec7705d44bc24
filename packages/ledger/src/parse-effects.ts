import { unpackEffects } from './pack-effects.ts'
import type { Effect } from './stream-effects.ts'

/** Takes what COPY sends, in pieces of any size. */
export type EffectParser = {
  push(chunk: Buffer): void
  /** Effects so far. */
  count(): number
}

/**
 * Parses rows of `COPY … (FORMAT binary)`: progress_id, applied_at and the packed effects, none of them null.
 * @param groups names by progress_id
 * @see "Binary Format" in https://www.postgresql.org/docs/current/sql-copy.html
 */
export function createEffectParser(
  groups: ReadonlyMap<number, string>,
  onEffect: (effect: Effect) => void,
): EffectParser {
  let rest: Buffer = Buffer.alloc(0)
  let started = false
  let count = 0

  /** @returns where the next row begins, or −1 when this one isn't there as a whole */
  function parseRow(data: Buffer, start: number): number {
    if (start + fixedBytes > data.length) return -1
    const end = start + fixedBytes + data.readInt32BE(start + fixedBytes - 4)
    if (end > data.length) return -1
    const group = groups.get(data.readInt32BE(start + 6)) ?? ''
    const appliedAtMs = readTimestampMs(data, start + 14)
    unpackEffects(data.subarray(start + fixedBytes, end), readText, (effect) => {
      count += 1
      onEffect({ ...effect, group, appliedAtMs })
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
      while (data.length - at > trailerBytes) {
        const end = parseRow(data, at)
        if (end < 0) break
        at = end
      }
      rest = data.subarray(at)
    },
    count: () => count,
  }
}

function readText(piece: Buffer, start: number, end: number): string {
  return piece.toString('utf8', start, end)
}

/** Signature, flags, and the length of an empty extension. */
const headerBytes = 19

/** What stands for the number of fields behind the last row. */
const trailerBytes = 2

/** The number of fields, an integer and a time, each behind its length, and the length of the packed effects. */
const fixedBytes = 2 + 8 + 12 + 4

function readTimestampMs(data: Buffer, at: number): number {
  return (data.readInt32BE(at) * 2 ** 32 + data.readUInt32BE(at + 4)) / 1_000 + postgresEpochMs
}

/** What PostgreSQL counts time from: 2000-01-01, in ms since 1970. */
const postgresEpochMs = 946_684_800_000
