import type { Queryable } from './queryable.ts'

/**
 * A transaction that is open: what it wrote into the outbox waits for its end, nothing else does. Either of a session, by its
 * `pid`, or prepared, by the `gid` that it was given.
 */
export type OpenTransaction = {
  pid: number | null
  gid: string | null
  application: string
  seconds: number
  state: string
}

/**
 * The open transactions in this database but for our own, the oldest first. Those of other roles' sessions are seen only by a
 * member of pg_read_all_stats.
 */
export async function openTransactions(
  db: Queryable,
  { limit, olderThanSeconds = 0 }: { limit: number; olderThanSeconds?: number },
): Promise<OpenTransaction[]> {
  const { rows } = await db.query<OpenTransaction>(
    `select pid, gid, application, state, seconds
     from (
       select pid, null as gid, application_name as application, state,
         extract(epoch from clock_timestamp() - xact_start)::float8 as seconds
       from pg_stat_activity
       where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()
         and backend_type = 'client backend'
       union all
       select null, gid, '', 'prepared', extract(epoch from clock_timestamp() - prepared)::float8
       from pg_prepared_xacts where database = current_database()
     ) as open
     where seconds >= $1 order by seconds desc limit $2`,
    [olderThanSeconds, limit],
  )
  return rows
}
