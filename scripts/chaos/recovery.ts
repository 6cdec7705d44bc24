import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { topics } from './system-shape.ts'

const POLL_MS = 50

/**
 * Waits until the system publishes and applies again, everywhere: until each group has, of each shard and in each partition,
 * applied something that was committed after now.
 * @returns how long it took in ms; undefined when it was still not so after `withinMs`
 */
export async function recovery(pool: pg.Pool, { withinMs, signal }: { withinMs: number; signal: AbortSignal }) {
  const startedAt = performance.now()
  let since: string | undefined
  while (performance.now() - startedAt < withinMs) {
    try {
      since ??= await now(pool)
      if (await isBeyond(pool, since)) return performance.now() - startedAt
    } catch {
      // The database isn't back yet.
    }
    await sleep(POLL_MS, undefined, { signal })
  }
  return undefined
}

/** The tick of whatever commits from now on is above it: its number is the database's time in ms, or more. */
async function now(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ now: string }>(
    'select floor(extract(epoch from clock_timestamp()) * 1000) as now',
  )
  return rows[0]?.now ?? '0'
}

/** Only the load's topic: nothing may be on its way in another. */
const beyondText = `
  with positions as (
    select group_name, partition, split_part(place, '/', 2) as shard, split_part(split_part(place, '/', 3), '.', 1)::bigint as n
    from inbox.kafka_offset, unnest(positions) as place where topic = $2
  ), of_shards as (
    select max(n) as n from positions group by group_name, shard
  ), of_partitions as (
    select max(n) as n from positions group by group_name, partition
  )
  select (select min(n) from of_shards) > $1::bigint and (select min(n) from of_partitions) > $1::bigint as beyond`

async function isBeyond(pool: pg.Pool, since: string): Promise<boolean> {
  const { rows } = await pool.query<{ beyond: boolean | null }>(beyondText, [since, topics.load])
  return rows[0]?.beyond ?? false
}
