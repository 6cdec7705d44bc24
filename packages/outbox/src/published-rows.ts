import type { Queryable } from './queryable.ts'
import { shardOfRow } from './shards.ts'

/** Up to where the shards were published at one moment: the values of {@link publishedJoin}'s parameters, `$1` to `$4`. */
export type PublishedShards = readonly [shards: number[], before: string[], snapshots: string[], upTo: string[]]

/** Reads where the shards stand. Positions only grow, so what counts as published by it stays so. */
export async function readPublishedShards(db: Queryable): Promise<PublishedShards> {
  const { rows } = await db.query<{ shard: number; before: string; snapshot: string; up_to: string }>(text)
  return [
    rows.map(({ shard }) => shard),
    rows.map(({ before }) => before),
    rows.map(({ snapshot }) => snapshot),
    rows.map(({ up_to }) => up_to),
  ]
}

/** The very first tick has none before it; its batch is empty. */
const text = `
  select shard, before.snapshot as before, tick.snapshot, position_id as up_to
  from outbox.shard join outbox.tick on tick.n = position_n
  join outbox.tick as before on before.n = coalesce(tick.prev, tick.n)
  order by shard`

/** SQL: joins rows of `outbox.message` with where their shards stand, for {@link isPublished}. */
export const publishedJoin = `
  join unnest($1::int[], $2::pg_snapshot[], $3::pg_snapshot[], $4::bigint[]) as done(shard, before, snapshot, up_to)
  on done.shard = ${shardOfRow}`

/**
 * SQL: the row belongs to a batch before the one in which its shard's position stands, or to that batch and isn't behind the
 * position. Be it in the topic or among the dead letters: the relay is done with it.
 */
export const isPublished = `
  (pg_visible_in_snapshot(xid, done.before) or (pg_visible_in_snapshot(xid, done.snapshot) and message.id <= done.up_to))`
