import type { Queryable } from './queryable.ts'
import { shardCount, shardOfRow } from './shards.ts'

/**
 * Where a shard stands. All that `before` saw is published, up to `beforeLastId`. The batch behind it, that of `begun`, may be on its
 * way; of it, what isn't behind `upTo` is published.
 */
export type ShardProgress = {
  shard: number
  before: string
  beforeLastId: bigint
  upTo: bigint
  /** Undefined where no tick was made since. `prev` is the `n` of the tick before. */
  begun: { n: bigint; prev: bigint; snapshot: string; lastId: bigint } | undefined
}

/** Positions and ticks don't fit together: nobody can tell what is published. */
export class PositionsBrokenError extends Error {
  readonly code = 'OUTBOX_POSITIONS_BROKEN'

  constructor(known: number) {
    super(`Only ${known} of the ${shardCount} shards stand at a tick that is there; outbox doctor tells which don't.`)
    this.name = 'PositionsBrokenError'
  }
}

/**
 * Reads where the shards stand. Positions only grow, so what counts as published by it stays so.
 * @throws {PositionsBrokenError} when this can't be told of each
 */
export async function readShardProgress(db: Queryable): Promise<ShardProgress[]> {
  const { rows } = await db.query<ProgressRow>(text)
  if (rows.length !== shardCount) throw new PositionsBrokenError(rows.length)
  return rows.map(({ shard, before, before_last_id, up_to, n, prev, snapshot, last_id }) => ({
    shard,
    before,
    beforeLastId: BigInt(before_last_id),
    upTo: BigInt(up_to),
    begun: n === null ? undefined : { n: BigInt(n), prev: BigInt(prev), snapshot, lastId: BigInt(last_id) },
  }))
}

type ProgressRow = {
  shard: number
  before: string
  before_last_id: string
  up_to: string
  n: string | null
  prev: string
  snapshot: string
  last_id: string
}

/** A shard in the midst of its tick's batch, then those at the end of one: what is on its way belongs to the next. */
const text = `
  select shard, before.snapshot as before, before.last_id as before_last_id, position_id as up_to,
    tick.n, tick.prev, tick.snapshot, tick.last_id
  from outbox.shard join outbox.tick on tick.n = position_n join outbox.tick as before on before.n = tick.prev
  where position_id < tick.last_id
  union all
  select shard, tick.snapshot, tick.last_id, 0, next.n, next.prev, next.snapshot, next.last_id
  from outbox.shard join outbox.tick on tick.n = position_n left join outbox.tick as next on next.prev = tick.n
  where position_id >= tick.last_id
  order by shard`

/** The values of {@link progressRows}'s parameters, `$1` to `$6`. */
export function progressValues(progress: readonly ShardProgress[]): unknown[] {
  return [
    progress.map(({ shard }) => shard),
    progress.map(({ before }) => before),
    progress.map(({ beforeLastId }) => beforeLastId),
    progress.map(({ upTo }) => upTo),
    progress.map(({ begun }) => begun?.snapshot),
    progress.map(({ begun }) => begun?.lastId),
  ]
}

/** SQL: where the shards stand, to be joined with rows of `outbox.message` by {@link ofItsShard}. */
export const progressRows = `
  unnest($1::int[], $2::pg_snapshot[], $3::bigint[], $4::bigint[], $5::pg_snapshot[], $6::bigint[])
    as progress(shard, before, before_last_id, up_to, begun, last_id)`

/** SQL: the row belongs to the shard. */
export const ofItsShard = `progress.shard = ${shardOfRow}`

/**
 * SQL: the shard's position isn't before the row, be it in the topic or among the dead letters. A snapshot sees no id above its tick's
 * `last_id`; it only seems to where it comes from another cluster, whose transaction ids are further on.
 */
export const isPublished = `coalesce(
  (message.id <= progress.before_last_id and pg_visible_in_snapshot(message.xid, progress.before))
  or (message.id <= progress.up_to and pg_visible_in_snapshot(message.xid, progress.begun)), false)`

/** SQL: of a row that isn't published, that it may be on its way. */
export const isBegun =
  'coalesce(message.id <= progress.last_id and pg_visible_in_snapshot(message.xid, progress.begun), false)'
