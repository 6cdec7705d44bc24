/** Where a message stands in the log: the tick whose batch it belongs to, and its id. The same for whoever reads it. */
export type Place = { n: bigint; id: bigint }

/** A place as it travels: with the log and the shard it is a place of. */
export type WrittenPlace = Place & { log: string; shard: number }

/** @returns negative, 0 or positive, as `a` stands before, at or behind `b` */
export function comparePlaces(a: Place, b: Place): number {
  if (a.n !== b.n) return a.n < b.n ? -1 : 1
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return 0
}

/** The value of the header `outbox-place`: `log/shard/n.id`. */
export function formatPlace({ log, shard, n, id }: WrittenPlace): string {
  return `${log}/${shard}/${n}.${id}`
}

/** @returns undefined when `text` isn't what {@link formatPlace} writes */
export function parsePlace(text: string): WrittenPlace | undefined {
  // By hand: each group does it for each message, and a regular expression costs three times as much.
  const shardEnd = text.indexOf('/', logLength + 1)
  const nEnd = text.indexOf('.', shardEnd + 1)
  if (text.indexOf('/') !== logLength || shardEnd < 0 || nEnd < 0 || !isHex(text, logLength)) return undefined
  const shard = readDigits(text, { from: logLength + 1, to: shardEnd, most: 5 })
  const n = readDigits(text, { from: shardEnd + 1, to: nEnd, most: 19 })
  const id = readDigits(text, { from: nEnd + 1, to: text.length, most: 19 })
  if (shard === undefined || n === undefined || id === undefined) return undefined
  return { log: text.slice(0, logLength), shard: Number(shard), n: BigInt(n), id: BigInt(id) }
}

/** Characters of a log's id. */
const logLength = 12

/** Digits up to which a number is exact. */
const exactDigits = 15

function isHex(text: string, length: number): boolean {
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i)
    if (!(code >= 48 && code <= 57) && !(code >= 97 && code <= 102)) return false
  }
  return true
}

/** @returns undefined where there aren't 1 to `most` digits alone, without a leading 0; a number of many digits as text */
function readDigits(
  text: string,
  { from, to, most }: { from: number; to: number; most: number },
): number | string | undefined {
  const digits = to - from
  if (digits < 1 || digits > most || (digits > 1 && text.charCodeAt(from) === 48)) return undefined
  let number = 0
  for (let i = from; i < to; i += 1) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return undefined
    number = number * 10 + digit
  }
  return digits <= exactDigits ? number : text.slice(from, to)
}
