import type { Queryable } from './queryable.ts'

export type SweepOptions = {
  /** Rows of each kind that one call deletes at most. */
  batch?: number
  /** How long a request's answer is kept for its `Idempotency-Key`. */
  idempotencyKeyHours?: number
}

/** Rows deleted; where one equals `batch`, there may be more. */
export type Swept = { ticks: number; idempotencyKeys: number; relays: number }

/** Deletes what nobody needs any more. Any number may call it at once; it waits for nobody for long. */
export async function sweepOutbox(
  db: Queryable,
  { batch = 10_000, idempotencyKeyHours = 24 }: SweepOptions = {},
): Promise<Swept> {
  const ticks = await db.query({ name: 'outbox-sweep-ticks', text: ticksText, values: [batch] })
  const keys = await db.query({ name: 'outbox-sweep-keys', text: keysText, values: [batch, idempotencyKeyHours] })
  const relays = await db.query({ name: 'outbox-sweep-relays', text: relaysText })
  return { ticks: ticks.rowCount ?? 0, idempotencyKeys: keys.rowCount ?? 0, relays: relays.rowCount ?? 0 }
}

/**
 * Ticks behind every position, but for the one before the slowest position's, whose snapshot its batch is read by. Always the
 * oldest first and one sweeper at a time: a tick that is there while its successor is gone would let a relay that stopped
 * between its poll and its insert fork the log.
 */
const ticksText = `
  with turn as materialized (
    select pg_try_advisory_xact_lock(hashtextextended('outbox sweep', 0)) as mine
  ), slowest as materialized (
    select prev from outbox.tick where n = (select min(position_n) from outbox.shard)
  ), behind as materialized (
    select n from outbox.tick
    where n < (select prev from slowest) and (select mine from turn)
    order by n limit $1 for update
  )
  delete from outbox.tick using behind where tick.n = behind.n`

const keysText = `
  delete from outbox.idempotency_key
  where key in (
    select key from outbox.idempotency_key where created_at < now() - $2 * interval '1 hour'
    order by created_at limit $1 for update skip locked)`

/** A relay that was killed; its name is free again long before. */
const relaysText = `delete from outbox.relay where lease_ends_at < now() - interval '1 hour'`
