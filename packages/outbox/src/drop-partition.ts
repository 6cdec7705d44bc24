import type pg from 'pg'

/** A partition, and how far its detachment has come: one that was cut short leaves it pending, or detached and still there. */
export type PartitionState = { name: string; attached: boolean; pending: boolean }

/**
 * Detaches a partition and drops it, from wherever an earlier attempt has stopped; one that is pending stands in the way of
 * every other detach. Locks nobody out, but waits for every transaction that may still use the partition: time-outs are the
 * session's.
 * @param session outside of a transaction
 * @param parent.schema of the partitioned `table` and of its partitions
 * @see https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION
 */
export async function dropPartition(
  session: pg.ClientBase,
  { schema, table }: { schema: string; table: string },
  { name, attached, pending }: PartitionState,
): Promise<void> {
  const detach = `alter table ${schema}.${table} detach partition ${schema}.${name}`
  if (pending) await session.query(`${detach} finalize`)
  else if (attached) await session.query(`${detach} concurrently`)
  await session.query(`drop table ${schema}.${name}`)
}
