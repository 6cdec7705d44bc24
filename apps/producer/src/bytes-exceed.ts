/**
 * Whether `value`, a text as UTF-8, has more than `limit` bytes. No character of a text has more than three bytes for
 * each of its UTF-16 units, so most texts need no counting.
 */
export function bytesExceed(value: string | Uint8Array | null, limit: number): boolean {
  if (value === null) return false
  if (typeof value !== 'string') return value.length > limit
  return value.length * 3 > limit && Buffer.byteLength(value) > limit
}
