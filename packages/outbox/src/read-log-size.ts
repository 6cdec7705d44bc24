import type { Queryable } from './queryable.ts'

/** What the log takes: `bytes` with its indexes; `oldestSeconds` is the age of its first message, 0 without any. */
export type LogSize = { partitions: number; bytes: number; oldestSeconds: number }

/** Asks the file system for each partition's size, and one index probe a partition at most. */
export async function readLogSize(db: Queryable): Promise<LogSize> {
  const { rows } = await db.query<{ partitions: number; bytes: string; seconds: number }>({
    name: 'outbox-log-size',
    text,
  })
  const [row] = rows
  return {
    partitions: row?.partitions ?? 0,
    bytes: Number(row?.bytes ?? 0),
    oldestSeconds: Math.max(0, row?.seconds ?? 0),
  }
}

const text = `
  select count(*)::int as partitions, sum(pg_total_relation_size(inhrelid)) as bytes,
    (select coalesce(extract(epoch from clock_timestamp() - (
      select created_at from outbox.message order by id limit 1)), 0)::float8) as seconds
  from pg_inherits where inhparent = 'outbox.message'::regclass`
