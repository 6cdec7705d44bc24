import type { Place } from './place.ts'
import type { Queryable } from './queryable.ts'
import { instanceOf } from './relay-name.ts'

/** One shard of the log: who publishes it, and up to where that is done. */
export type ShardState = {
  shard: number
  /** The relay's instance; undefined for a shard that nobody owns. */
  instance: string | undefined
  /** Until the lease ends, by the database's clock; below 0 it is free for whoever comes. */
  leaseSeconds: number
  /** Nobody owns it because an operator wants it so. */
  paused: boolean
  position: Place
}

/** All shards, by number. */
export async function readShards(db: Queryable): Promise<ShardState[]> {
  const { rows } = await db.query<ShardRow>(`
    select shard, relay, paused, position_n, position_id,
      coalesce(extract(epoch from lease_ends_at - clock_timestamp()), 0)::float8 as lease
    from outbox.shard order by shard`)
  return rows.map(({ shard, relay, paused, lease, position_n, position_id }) => ({
    shard,
    instance: relay === null ? undefined : instanceOf(relay),
    leaseSeconds: lease,
    paused,
    position: { n: BigInt(position_n), id: BigInt(position_id) },
  }))
}

/** Whether nobody owns it, or somebody whose lease is over; a paused one is free as well. */
export function isFree({ instance, leaseSeconds }: ShardState): boolean {
  return instance === undefined || leaseSeconds < 0
}

type ShardRow = {
  shard: number
  relay: string | null
  paused: boolean
  position_n: string
  position_id: string
  lease: number
}
