import type { Place } from './place.ts'
import type { ShardProgress } from './shard-progress.ts'

/** A tick of an adopted log; all of them are made by the adopting transaction, at the log's end. */
export type AdoptedTick = { n: bigint; prev: bigint | undefined; snapshot: string }

/** `xid` is the adopting transaction's, `snapshot` what it sees, `n` a number above all that there were. */
export type AdoptingTransaction = { xid: string; snapshot: string; lastId: bigint; n: bigint }

/** The ticks of an adopted log, and where its shards stand: `xid` is the one of the shard's begun batch, as `positions` has its place. */
export type AdoptedLog = {
  ticks: AdoptedTick[]
  shards: { shard: number; xid: bigint | undefined; position: Place }[]
}

/** The oldest id that a transaction can have had, which every snapshot sees. */
export const firstXid = 3n

/**
 * The batches that may be on their way keep their numbers, each behind the other: the rows of the first have the transaction id 4,
 * those of the next 5, and each tick sees one more of these than the one before. There are at most as many as shards, and no
 * transaction of a user ever had such an id. The last tick doesn't see the adopting transaction: what has its id comes next.
 *
 * All end at the same id, so each batch is read as late rows, in the order of their ids, as it would have been.
 */
export function adoptedTicks(progress: readonly ShardProgress[], adopting: AdoptingTransaction): AdoptedLog {
  const begun = progress.flatMap((shard) => shard.begun ?? []).sort((a, b) => (a.n < b.n ? -1 : 1))
  const numbers = [...new Set(begun.map(({ n }) => n))]
  const xidOf = (n: bigint) => firstXid + 1n + BigInt(numbers.indexOf(n))
  const xids = numbers.map(xidOf)
  const ticks: AdoptedTick[] = []
  const [first] = begun
  if (first !== undefined) ticks.push({ n: first.prev, prev: undefined, snapshot: snapshotBefore(xids, adopting) })
  for (const [at, n] of [...numbers, adopting.n].entries())
    ticks.push({ n, prev: ticks.at(-1)?.n, snapshot: snapshotBefore(xids.slice(at + 1), adopting) })
  return {
    ticks,
    shards: progress.map(({ shard, upTo, begun }) =>
      begun === undefined
        ? { shard, xid: undefined, position: { n: adopting.n, id: adopting.lastId } }
        : { shard, xid: xidOf(begun.n), position: { n: begun.n, id: upTo } },
    ),
  }
}

/** What is seen now, but for the adopting transaction and `xids`, which are older than all that are open: as `xmin:xmax:xip,…`. */
function snapshotBefore(xids: readonly bigint[], { xid, snapshot }: AdoptingTransaction): string {
  const [, xmax = '', open = ''] = snapshot.split(':')
  const own = BigInt(xid)
  const inProgress = new Set([own, ...open.split(',').filter(Boolean).map(BigInt)])
  const unseen = [...xids, ...[...inProgress].sort((a, b) => (a < b ? -1 : 1))]
  return `${unseen[0]}:${BigInt(xmax) > own ? xmax : own + 1n}:${unseen.join()}`
}
