import { arrayHeader, headerBytes, nullLength } from '@outbox/outbox/binary-array'

/** PostgreSQL's `int4[]`, as a binary parameter: `pg` sends a Buffer as it is, and the server parses no text. */
export function int4Array(values: readonly number[]): Buffer {
  const array = arrayHeader('int4', { length: values.length, bytes: values.length * 8, hasNulls: false })
  let at = headerBytes
  for (const value of values) {
    array.writeInt32BE(4, at)
    array.writeInt32BE(value, at + 4)
    at += 8
  }
  return array
}

/** `bool[]`. */
export function boolArray(values: readonly boolean[]): Buffer {
  const array = arrayHeader('bool', { length: values.length, bytes: values.length * 5, hasNulls: false })
  let at = headerBytes
  for (const value of values) {
    array.writeInt32BE(1, at)
    array[at + 4] = value ? 1 : 0
    at += 5
  }
  return array
}

/** `timestamptz[]`, from milliseconds since 1970. */
export function timestampArray(valuesMs: readonly (number | null)[]): Buffer {
  const nulls = valuesMs.reduce<number>((count, value) => (value === null ? count + 1 : count), 0)
  const array = arrayHeader('timestamptz', {
    length: valuesMs.length,
    bytes: valuesMs.length * 12 - nulls * 8,
    hasNulls: nulls > 0,
  })
  let at = headerBytes
  for (const value of valuesMs) {
    if (value === null) {
      at = array.writeInt32BE(nullLength, at)
      continue
    }
    const microseconds = (value - postgresEpochMs) * 1_000
    array.writeInt32BE(8, at)
    array.writeInt32BE(Math.floor(microseconds / 2 ** 32), at + 4)
    array.writeInt32BE(microseconds | 0, at + 8)
    at += 12
  }
  return array
}

/** What PostgreSQL counts time from: 2000-01-01, in ms since 1970. */
export const postgresEpochMs = 946_684_800_000
