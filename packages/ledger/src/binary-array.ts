/** PostgreSQL's `int4[]`, as a binary parameter: `pg` sends a Buffer as it is, and the server parses no text. */
export function int4Array(values: readonly number[]): Buffer {
  const array = arrayHeader({ oid: 23, length: values.length, bytes: values.length * 8 })
  let at = headerBytes
  for (const value of values) {
    array.writeInt32BE(4, at)
    array.writeInt32BE(value, at + 4)
    at += 8
  }
  return array
}

/** `timestamptz[]`, from milliseconds since 1970. */
export function timestampArray(valuesMs: readonly (number | null)[]): Buffer {
  const nulls = valuesMs.reduce<number>((count, value) => (value === null ? count + 1 : count), 0)
  const array = arrayHeader({ oid: 1184, length: valuesMs.length, bytes: valuesMs.length * 12 - nulls * 8, nulls })
  let at = headerBytes
  for (const value of valuesMs) {
    if (value === null) {
      at = array.writeInt32BE(-1, at)
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

/** `bytea[]`. */
export function byteaArray(values: readonly (Buffer | null)[]): Buffer {
  let bytes = 0
  let nulls = 0
  for (const value of values) {
    bytes += 4 + (value?.length ?? 0)
    if (value === null) nulls += 1
  }
  const array = arrayHeader({ oid: 17, length: values.length, bytes, nulls })
  let at = headerBytes
  for (const value of values) {
    array.writeInt32BE(value === null ? -1 : value.length, at)
    at += 4
    if (value !== null) at += value.copy(array, at)
  }
  return array
}

/** What PostgreSQL counts time from: 2000-01-01, in ms since 1970. */
export const postgresEpochMs = 946_684_800_000

const headerBytes = 20

/**
 * An array of one dimension whose first index is 1; the elements follow, each behind its length.
 * @see array_recv in PostgreSQL's src/backend/utils/adt/arrayfuncs.c
 */
function arrayHeader({
  oid,
  length,
  bytes,
  nulls = 0,
}: {
  oid: number
  length: number
  bytes: number
  nulls?: number
}) {
  const array = Buffer.allocUnsafe(headerBytes + bytes)
  array.writeInt32BE(1, 0)
  array.writeInt32BE(nulls > 0 ? 1 : 0, 4)
  array.writeInt32BE(oid, 8)
  array.writeInt32BE(length, 12)
  array.writeInt32BE(1, 16)
  return array
}
