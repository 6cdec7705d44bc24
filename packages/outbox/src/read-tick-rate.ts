import type { Queryable } from './queryable.ts'

/** How many ticks were made in the last `seconds`; few of these, where older ticks have just been swept. */
export type TickRate = { ticks: number; seconds: number }

/**
 * Counts over the last 10 s, or, where ticks of that time are swept already, from the oldest on that is still there: they go
 * oldest first, so none is missing behind it.
 */
export async function readTickRate(db: Queryable): Promise<TickRate> {
  const { rows } = await db.query<TickRate>({ name: 'outbox-tick-rate', text })
  return rows[0] ?? { ticks: 0, seconds: 0 }
}

/** A tick's `n` is milliseconds by the database's clock, or one more than that of the tick before. */
const text = `
  with now as materialized (
    select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as ms
  ), span as materialized (
    select ms, greatest(ms - 10000, (select min(n) from outbox.tick)) as since from now
  )
  select (select count(*)::int from outbox.tick where n > since) as ticks,
    greatest(ms - since, 0)::float8 / 1000 as seconds
  from span`
