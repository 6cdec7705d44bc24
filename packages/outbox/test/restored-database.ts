import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { ensurePartitions } from '../src/ensure-partitions.ts'
import { type OutboxDatabase, outboxDatabase } from './outbox-database.ts'

/** How the counter of the cluster that a dump comes from stood, as seen from the one that it is restored into. */
export type OldCounter = 'far behind' | 'far ahead' | 'just ahead'

/**
 * A new database with the outbox of `db` as a dump of this moment holds it, from a cluster with another counter. Within one cluster
 * that is the same as changing the transaction ids that are stored: all by one amount.
 */
export async function restoredDatabase(
  { pool }: Pick<OutboxDatabase, 'pool'>,
  oldCounter: OldCounter,
  { partitionIds }: { partitionIds: number },
): Promise<OutboxDatabase> {
  const restored = await outboxDatabase(partitionIds, 20_000)
  const [dump, load] = await Promise.all([pool.connect(), restored.pool.connect()])
  await dump.query('begin isolation level repeatable read read only')
  const shift = await shiftOf(dump, oldCounter)
  const { rows } = await dump.query<{ last: string }>('select last_value as last from outbox.message_id_seq')
  await load.query(`truncate ${Object.keys(columnsOf(shift)).map((table) => `outbox.${table}`)}`)
  await load.query(`select setval('outbox.message_id_seq', $1)`, [rows[0]?.last])
  await ensurePartitions(load, { partitionIds, aheadIds: 20_000 })
  for (const [table, columns] of Object.entries(columnsOf(shift)))
    await pipeline(
      dump.query(copyTo(`copy (select ${columns.join()} from outbox.${table}) to stdout`)),
      load.query(copyFrom(`copy outbox.${table} (${columns.map((column) => column.split(' ').at(-1))}) from stdin`)),
    )
  await dump.query('commit')
  dump.release()
  load.release()
  return restored
}

async function shiftOf(db: pg.ClientBase, oldCounter: OldCounter): Promise<string> {
  const { rows } = await db.query<{ now: string; oldest: string }>(`
    select pg_snapshot_xmax(pg_current_snapshot()) as now, min(pg_snapshot_xmin(snapshot)) as oldest from outbox.tick`)
  const { now = '0', oldest = '0' } = rows[0] ?? {}
  if (oldCounter === 'far behind') return `${1_000n - BigInt(oldest)}`
  return oldCounter === 'far ahead' ? `${1_000_000_000n}` : `${(BigInt(now) - BigInt(oldest)) / 2n + 20n}`
}

/** Each expression ends with its column's name. */
function columnsOf(shift: string): Record<string, string[]> {
  const shifted = (xid: string) => `(${xid}::text::bigint + ${shift})`
  const snapshot = `concat(${shifted('pg_snapshot_xmin(snapshot)')}, ':', ${shifted('pg_snapshot_xmax(snapshot)')}, ':',
    (select string_agg(${shifted('open')}::text, ',' order by open) from pg_snapshot_xip(snapshot) as open)) as snapshot`
  return {
    log: ['id', 'shards', 'created_at'],
    tick: ['n', 'prev', snapshot, 'last_id', `${shifted('xid')} as xid`],
    shard: ['shard', 'position_n', 'position_id', 'relay', 'epoch', 'lease_ends_at', 'taken_over_n'],
    relay: ['instance', 'relay', 'lease_ends_at'],
    topic: ['topic', 'from_n', 'partitions'],
    message: [`${shifted('xid')} as xid`, 'id', 'message_id', 'topic', 'key', 'payload', 'headers', 'created_at'],
  }
}
