import { expect, test } from 'vitest'
import { openTransactions } from '../src/open-transactions.ts'
import { outboxDatabase } from './outbox-database.ts'

test('open transactions, the oldest first; prepared ones have no pid', async () => {
  await using db = await outboxDatabase()
  const older = await db.begin()
  const younger = await db.begin()
  const pids = async () => (await openTransactions(db.pool, { limit: 10 })).map(({ pid }) => pid)
  const pidOf = async (tx: typeof older) => (await tx.query('select pg_backend_pid() as pid')).rows[0].pid
  const expected = [await pidOf(older), await pidOf(younger)]
  expect(await pids()).toEqual(expected)
  expect(await openTransactions(db.pool, { limit: 1 })).toMatchObject([
    { pid: expected[0], gid: null, state: 'idle in transaction', seconds: expect.any(Number) },
  ])
  expect(await openTransactions(db.pool, { limit: 10, olderThanSeconds: 3_600 })).toEqual([])
  await older.rollback()
  await younger.rollback()
})
