import { lastIdTaken } from './last-id-taken.ts'
import type { Queryable } from './queryable.ts'

/**
 * How far publishing is behind. `messages` counts ids, those of open and rolled back transactions among them, behind the
 * slowest shard: the true number is lower, but for late rows. `oldestSeconds` is the age of the first committed of them.
 */
export type Lag = { messages: bigint; oldestSeconds: number }

/** Two index probes, whatever the backlog. */
export async function readLag(db: Queryable): Promise<Lag> {
  const { rows } = await db.query<{ messages: string; seconds: number | null }>({ name: 'outbox-lag', text })
  return { messages: BigInt(rows[0]?.messages ?? 0), oldestSeconds: Math.max(0, rows[0]?.seconds ?? 0) }
}

/** A position within a batch's late rows has the new ones of that batch before it. */
const text = `
  with slowest as materialized (
    select position_n, position_id from outbox.shard order by position_n, position_id limit 1
  ), covered as materialized (
    select greatest(position_id, (
      select prev.last_id from outbox.tick join outbox.tick as prev on prev.n = tick.prev where tick.n = position_n)) as id
    from slowest
  ), log as materialized (
    select ${lastIdTaken} as last_id
  )
  select greatest(log.last_id - covered.id, 0) as messages,
    case when log.last_id > covered.id then (
      select extract(epoch from clock_timestamp() - message.created_at)::float8
      from outbox.message where message.id > covered.id order by message.id limit 1)
    end as seconds
  from covered, log`
