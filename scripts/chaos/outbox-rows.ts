import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { poisonKey } from './system-shape.ts'

/** The rows that were ever seen in the outbox, also those whose partition has been dropped since. */
export type OutboxRows = {
  /** Their ids, those of poison excepted. */
  ids: ReadonlySet<number>
  /** Ids of what Kafka must refuse: each time that it's sent again it gets another one. */
  poison: ReadonlySet<number>
  /** Partitions that were there and have been dropped. */
  dropped(): number
  /** Reads it now. */
  look(): Promise<void>
}

const POLL_MS = 2_000

/**
 * Reads the outbox again and again, more often than its partitions are dropped, until `signal` aborts. A database that is away
 * is no trouble: nothing can be dropped meanwhile.
 */
export function watchOutboxRows(pool: pg.Pool, signal: AbortSignal): OutboxRows {
  const ids = new Set<number>()
  const poison = new Set<number>()
  const partitions = new Set<string>()
  let present = 0

  const look = async () => {
    const { rows } = await pool.query<{ ids: string[] | null; poison: string[] | null }>(
      `select array_agg(id) filter (where key is distinct from $1) as ids, array_agg(id) filter (where key = $1) as poison
       from outbox.message`,
      [poisonKey],
    )
    for (const id of rows[0]?.ids ?? []) ids.add(Number(id))
    for (const id of rows[0]?.poison ?? []) poison.add(Number(id))
    const found = await pool.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'outbox.message'::regclass`,
    )
    for (const { name } of found.rows) partitions.add(name)
    present = found.rows.length
  }
  const watch = async () => {
    while (!signal.aborted) {
      await look().catch(() => {})
      await sleep(POLL_MS, undefined, { signal }).catch(() => {})
    }
  }
  void watch()
  return { ids, poison, dropped: () => partitions.size - present, look }
}
