import type { ShardProgress } from './shard-progress.ts'

/** A tick of an adopted log. They are all made by the adopting transaction, and all end at the same id. */
export type AdoptedTick = { n: bigint; prev: bigint | undefined; snapshot: string }

/** `xid` is the adopting transaction's, `snapshot` what it sees, `n` a number above all that there were. */
export type AdoptingTransaction = { xid: string; snapshot: string; n: bigint }

/** `begun`: where a shard stands in a batch of which something may be on its way, and the transaction id of that; else it is at the end. */
export type AdoptedShard = { shard: number; begun: { n: bigint; id: bigint; xid: bigint } | undefined }

/** The oldest id that a transaction can have had, which every snapshot sees. */
export const firstXid = 3n

/**
 * The batches that may be on their way keep their numbers, each behind the other: the rows of the first have the transaction id 4,
 * those of the next 5, and each tick sees one more of these than the one before. There are at most as many as shards, and no
 * transaction of a user ever had such an id. The last tick doesn't see the adopting transaction: what has its id comes next.
 *
 * Since all end at the same id, behind these batches, each of them is read as late rows: in the order of their ids, as before.
 */
export function adoptedTicks(
  progress: readonly ShardProgress[],
  adopting: AdoptingTransaction,
): { ticks: AdoptedTick[]; shards: AdoptedShard[] } {
  const begun = progress.flatMap((shard) => shard.begun ?? []).sort((a, b) => (a.n < b.n ? -1 : 1))
  const numbers = [...new Set(begun.map(({ n }) => n))]
  const xidOf = (n: bigint) => firstXid + 1n + BigInt(numbers.indexOf(n))
  const xids = numbers.map(xidOf)
  const ticks: AdoptedTick[] = []
  const [first] = begun
  if (first !== undefined) ticks.push({ n: first.prev, prev: undefined, snapshot: snapshotBefore(xids, adopting) })
  for (const [at, n] of [...numbers, adopting.n].entries())
    ticks.push({ n, prev: ticks.at(-1)?.n, snapshot: snapshotBefore(xids.slice(at + 1), adopting) })
  const shards = progress.map(({ shard, upTo, begun }) => ({
    shard,
    begun: begun && { n: begun.n, id: upTo, xid: xidOf(begun.n) },
  }))
  return { ticks, shards }
}

/** What is seen now, but for the adopting transaction and `xids`, which are older than all that are open: as `xmin:xmax:xip,…`. */
function snapshotBefore(xids: readonly bigint[], { xid, snapshot }: AdoptingTransaction): string {
  const [, xmax = '', open = ''] = snapshot.split(':')
  const own = BigInt(xid)
  const inProgress = new Set([own, ...open.split(',').filter(Boolean).map(BigInt)])
  // What has begun since the newest that has ended isn't listed.
  for (let begun = BigInt(xmax); begun < own; begun += 1n) inProgress.add(begun)
  const unseen = [...xids, ...[...inProgress].sort((a, b) => (a < b ? -1 : 1))]
  return `${unseen[0]}:${BigInt(xmax) > own ? xmax : own + 1n}:${unseen.join()}`
}
