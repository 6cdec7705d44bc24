import type { Queryable } from './queryable.ts'

/** A relay that is alive, be it that it owns shards or that there are none for it. */
export type LivingRelay = { instance: string; leaseSeconds: number }

/** By name. `leaseSeconds`: until it counts as gone, by the database's clock, unless it is heard of again. */
export async function readRelays(db: Queryable): Promise<LivingRelay[]> {
  const { rows } = await db.query<LivingRelay>(`
    select instance, extract(epoch from lease_ends_at - clock_timestamp())::float8 as "leaseSeconds"
    from outbox.relay where lease_ends_at >= clock_timestamp() order by instance`)
  return rows
}
