import type { Queryable } from './queryable.ts'

/**
 * Takes these shards away from their relays, and keeps all relays off them until {@link resumeShards}. The new epoch fences the
 * owner, which learns of it when it moves their positions or renews its leases, whichever comes first: the window that it has
 * begun until then, and the one behind it, still get into the topic. Since no position moves past it, the same places are published again after the
 * resumption.
 * @returns those that were not paused before
 */
export async function pauseShards(db: Queryable, shards: readonly number[]): Promise<number[]> {
  return await change(db, pauseText, shards)
}

/**
 * Lets relays have these shards again; the next one to renew its leases goes on where each of them stood.
 * @returns those that were paused
 */
export async function resumeShards(db: Queryable, shards: readonly number[]): Promise<number[]> {
  return await change(db, resumeText, shards)
}

async function change(db: Queryable, text: string, shards: readonly number[]): Promise<number[]> {
  const { rows } = await db.query<{ shard: number }>(text, [shards])
  return rows.map(({ shard }) => shard)
}

/** The rows are locked in order, against deadlocks with the renewal of leases and the moves of positions. */
const pauseText = `
  with chosen as materialized (
    select shard from outbox.shard where shard = any ($1::int[]) and not paused order by shard for update
  ), changed as (
    update outbox.shard set paused = true, relay = null, lease_ends_at = null, epoch = epoch + 1
    from chosen where shard.shard = chosen.shard
    returning shard.shard
  )
  select shard from changed order by shard`

const resumeText = `
  with chosen as materialized (
    select shard from outbox.shard where shard = any ($1::int[]) and paused order by shard for update
  ), changed as (
    update outbox.shard set paused = false from chosen where shard.shard = chosen.shard
    returning shard.shard
  )
  select shard from changed order by shard`
