import { expect, test } from 'vitest'
import { appendMessages } from '../src/append-messages.ts'
import { ensurePartitions } from '../src/ensure-partitions.ts'
import { message, type OutboxDatabase, outboxDatabase } from './outbox-database.ts'

const bounds = async ({ pool }: OutboxDatabase) => {
  const { rows } = await pool.query(`
    select pg_get_expr(c.relpartbound, c.oid) as bounds from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'outbox.message'::regclass order by substring(c.relname from '\\d+')::bigint`)
  return rows.map((row) => row.bounds.match(/\d+/g).map(Number))
}

test('partitions are made ahead, one behind the other, also by five at once', async () => {
  await using db = await outboxDatabase(100, 100)
  expect(await bounds(db)).toEqual([[0, 100]])
  await Promise.all([1, 2, 3, 4, 5].map(() => ensurePartitions(db.pool, { aheadIds: 450, partitionIds: 100 })))
  expect(await bounds(db)).toEqual([
    [0, 100],
    [100, 200],
    [200, 300],
    [300, 400],
    [400, 500],
  ])
  expect(await ensurePartitions(db.pool, { aheadIds: 450, partitionIds: 100 })).toBe(0)
})

test('another size goes on where the last partition ends', async () => {
  await using db = await outboxDatabase(100, 100)
  expect(await ensurePartitions(db.pool, { aheadIds: 1_000, partitionIds: 500 })).toBe(2)
  expect(await bounds(db)).toEqual([
    [0, 100],
    [100, 600],
    [600, 1_100],
  ])
})

test('nobody who appends waits for a partition, nor the other way round', async () => {
  await using db = await outboxDatabase(100, 100)
  const open = await db.begin()
  await appendMessages(open, [message('open')])
  expect(await ensurePartitions(db.pool, { aheadIds: 900, partitionIds: 100 })).toBe(9)
  const makes = await db.begin()
  await ensurePartitions(makes, { aheadIds: 2_000, partitionIds: 100 })
  await db.append(...Array.from({ length: 200 }, () => message('appended meanwhile')))
  await makes.commit()
  await open.commit()
  const { rows } = await db.pool.query('select count(*)::int from outbox.message')
  expect(rows[0].count).toBe(201)
})

test('a partition has the indexes and the storage of the log, and no constraint that each insert pays for', async () => {
  await using db = await outboxDatabase(100, 100)
  const { rows } = await db.pool.query(`
    select (select count(*)::int from pg_index where indrelid = 'outbox.message_0'::regclass) as indexes,
      (select count(*)::int from pg_constraint where conrelid = 'outbox.message_0'::regclass and contype = 'c') as checks,
      (select attstorage from pg_attribute where attrelid = 'outbox.message_0'::regclass and attname = 'payload') as storage`)
  expect(rows).toEqual([{ indexes: 2, checks: 0, storage: 'e' }])
})

test.each([
  { aheadIds: 0, partitionIds: 1 },
  { aheadIds: 1, partitionIds: 1.5 },
])('refused: %o', async (wrong) => {
  await expect(ensurePartitions({} as never, wrong)).rejects.toThrow(RangeError)
})
