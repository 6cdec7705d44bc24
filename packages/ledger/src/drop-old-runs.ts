import { dropPartition, type PartitionState } from '@outbox/outbox/drop-partition'
import type { ClientBase, Pool } from 'pg'

/**
 * Forgets the runs that nothing was applied of for `untouchedMs`, and drops the partitions that only they have effects
 * in. Stops nobody who records effects. While another one adds or drops partitions it does nothing: call it again later.
 * @returns the runs forgotten, and how many partitions went
 */
export async function dropOldRuns(
  pool: Pool,
  { untouchedMs }: { untouchedMs: number },
): Promise<{ runs: string[]; partitions: number }> {
  const client = await pool.connect()
  try {
    await client.query(`set statement_timeout = ${detachTimeoutMs}`)
    const { rows } = await client.query<{ mine: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('ledger partitions', 0)) as mine`,
    )
    if (rows[0]?.mine !== true) return { runs: [], partitions: 0 }
    const runs = await forgetRuns(client, untouchedMs)
    return { runs, partitions: await dropPartitions(client) }
  } finally {
    // Ends the session, and with it the lock and the time-out.
    client.release(true)
  }
}

/** A detach waits for every transaction that may still use the partition. */
const detachTimeoutMs = 10_000

async function forgetRuns(client: ClientBase, untouchedMs: number): Promise<string[]> {
  const { rows } = await client.query<{ run: string }>(
    `with old as (
       select run from ledger.progress group by run
       having max(updated_at) < clock_timestamp() - $1 * interval '1 millisecond'
     ), forgotten as (
       delete from ledger.progress using old where progress.run = old.run
     )
     select run from old order by run`,
    [untouchedMs],
  )
  return rows.map(({ run }) => run)
}

async function dropPartitions(client: ClientBase): Promise<number> {
  const { rows } = await client.query<PartitionState>(oldPartitions)
  for (const partition of rows) await dropPartition(client, { schema: 'ledger', table: 'effect' }, partition)
  return rows.length
}

/**
 * Those below every run that is left, and below the last two in use, where a transaction may still be at work. First
 * those whose detach timed out, since no other detach works before; a table no longer attached was only not dropped yet.
 */
const oldPartitions = `
  select relname as name, inhrelid is not null as attached, coalesce(inhdetachpending, false) as pending
  from pg_class left join pg_inherits on inhrelid = pg_class.oid
  where relnamespace = 'ledger'::regnamespace and relkind = 'r' and relname ~ '^effect_[0-9]+$'
    and substr(relname, 8)::bigint < least(
      (select min(after_id) / 10000 from ledger.progress),
      (select last_value / 10000 - 1 from ledger.effect_id_seq))
  order by pending desc, substr(relname, 8)::bigint`
