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

const written = /^([0-9a-f]{12})\/(0|[1-9]\d{0,4})\/(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})$/

/** @returns undefined when `text` isn't what {@link formatPlace} writes */
export function parsePlace(text: string): WrittenPlace | undefined {
  const [, log, shard, n, id] = written.exec(text) ?? []
  if (log === undefined || shard === undefined || n === undefined || id === undefined) return undefined
  return { log, shard: Number(shard), n: BigInt(n), id: BigInt(id) }
}
