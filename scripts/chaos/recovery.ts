import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

const POLL_MS = 50

/**
 * Waits until the system publishes and applies again, everywhere: until each group has, of each shard and in each partition,
 * applied something that was committed after now.
 * @returns how long it took in ms; undefined when it was still not so after `withinMs`
 */
export async function recovery(pool: pg.Pool, { withinMs, signal }: { withinMs: number; signal: AbortSignal }) {
  const startedAt = performance.now()
  let tick: string | undefined
  while (performance.now() - startedAt < withinMs) {
    try {
      tick ??= await newestTick(pool)
      if (await isBeyond(pool, tick)) return performance.now() - startedAt
    } catch {
      // The database isn't back yet.
    }
    await sleep(POLL_MS, undefined, { signal })
  }
  return undefined
}

async function newestTick(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ n: string }>('select max(n) as n from outbox.tick')
  return rows[0]?.n ?? '0'
}

/** Only the load's topic: nothing may be on its way in another. */
const beyondText = `
  with of_shards as (
    select max(n) as n from inbox.position where topic = $2 group by group_name, shard
  ), of_partitions as (
    select max(n) as n from inbox.position where topic = $2 group by group_name, partition
  )
  select (select min(n) from of_shards) > $1::bigint and (select min(n) from of_partitions) > $1::bigint as beyond`

async function isBeyond(pool: pg.Pool, tick: string): Promise<boolean> {
  const { rows } = await pool.query<{ beyond: boolean | null }>(beyondText, [tick, 'shared-events'])
  return rows[0]?.beyond ?? false
}
