import type { Queryable } from '@outbox/outbox/queryable'

/** A session whose transaction has been open for long: what it wrote into the outbox waits for its end, nothing else does. */
export type OldTransaction = { pid: number; application: string; seconds: number; state: string }

/** The oldest open transaction in this database, but for our own. */
export async function oldestTransaction(db: Queryable): Promise<OldTransaction | undefined> {
  const { rows } = await db.query<OldTransaction>(`
    select pid, application_name as application, state, extract(epoch from clock_timestamp() - xact_start)::float8 as seconds
    from pg_stat_activity
    where datname = current_database() and xact_start is not null and pid <> pg_backend_pid() and backend_type = 'client backend'
    order by xact_start limit 1`)
  return rows[0]
}
