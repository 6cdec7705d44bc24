import { expect, test } from 'vitest'
import { claimShards } from '../src/claim-shards.ts'
import { makeTick } from '../src/make-tick.ts'
import { movePositions } from '../src/move-positions.ts'
import { openTransactions } from '../src/open-transactions.ts'
import { readVitalSigns } from '../src/read-vital-signs.ts'
import { makeRelayName } from '../src/relay-name.ts'
import { message, outboxDatabase } from './outbox-database.ts'

test('shards without a relay, paused ones, the slowest position, and the room ahead', async () => {
  await using db = await outboxDatabase(1_000, 4_000)
  const all = Array.from({ length: 16 }, (_, shard) => shard)
  const first = await readVitalSigns(db.pool)
  expect(first).toMatchObject({ unowned: all, paused: [], idsAhead: 3_999n })

  const relay = makeRelayName('relay-1')
  const { owned } = await claimShards(db.pool, { relay, leaseMs: 60_000 })
  await db.append(message('1'), message('2'))
  const tick = await makeTick(db.pool)
  if (!tick) throw new Error('nothing was new')
  await movePositions(db.pool, { relay, shards: owned.slice(1), to: { n: tick.n, id: 2n } })
  await db.pool.query(`update outbox.shard set lease_ends_at = now() - interval '1 ms' where shard = 7`)
  await db.pool.query('update outbox.shard set relay = null, paused = true where shard = 9')
  expect(await readVitalSigns(db.pool)).toEqual({ unowned: [7], paused: [9], slowest: first.slowest, idsAhead: 3_997n })

  await movePositions(db.pool, { relay, shards: owned, to: { n: tick.n, id: 2n } })
  await db.pool.query('update outbox.shard set position_n = $1, position_id = 2 where shard = 9', [tick.n])
  expect((await readVitalSigns(db.pool)).slowest).toEqual({ n: tick.n, id: 2n })
})

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
