import type { Queryable } from './queryable.ts'

export type Release = {
  relay: string
  /** Nothing of them may be on its way any more: their next owner begins at their positions. */
  shards: readonly number[]
  /** The relay stops: it no longer counts when shards are shared out. */
  leaving?: boolean
}

/** Gives shards up, so that another relay can claim them at once instead of when their lease is over. */
export async function releaseShards(db: Queryable, { relay, shards, leaving = false }: Release): Promise<void> {
  await db.query({ name: 'outbox-release', text, values: [relay, shards, leaving] })
}

const text = `
  with left_log as (
    delete from outbox.relay where relay = $1 and $3::boolean
  ), mine as materialized (
    select shard from outbox.shard where relay = $1 and shard = any($2::int[]) order by shard for update
  )
  update outbox.shard set relay = null, lease_ends_at = null
  from mine where shard.shard = mine.shard and shard.relay = $1`
