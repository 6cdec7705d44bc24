import { expect, test } from 'vitest'
import { claimShards } from '../src/claim-shards.ts'
import { makeTick } from '../src/make-tick.ts'
import { movePositions } from '../src/move-positions.ts'
import { makeRelayName } from '../src/relay-name.ts'
import { message, type OutboxDatabase, outboxDatabase, readBatch } from './outbox-database.ts'

const relay = makeRelayName('relay-1')

/** One message in a batch, and all shards claimed. */
async function prepare(db: OutboxDatabase) {
  const { owned } = await claimShards(db.pool, { relay, leaseMs: 60_000 })
  await db.append(message('one', 'a'))
  const tick = await makeTick(db.pool)
  const [one] = await readBatch(db, tick)
  if (tick === undefined || one === undefined) throw new Error('nothing to move past')
  return { owned, to: { n: tick.n, id: one.id } }
}

test('a position never goes backwards', async () => {
  await using db = await outboxDatabase()
  const { owned, to } = await prepare(db)
  const shards = owned.slice(0, 2)
  expect(await movePositions(db.pool, { relay, shards, to })).toEqual([0, 1])
  expect(await movePositions(db.pool, { relay, shards, to: { n: to.n, id: 0n } })).toEqual([])
  expect(await movePositions(db.pool, { relay, shards, to: { n: to.n - 1n, id: 9n } })).toEqual([])
  const { rows } = await db.pool.query('select position_n, position_id from outbox.shard where shard < 2')
  expect(rows).toEqual(Array(2).fill({ position_n: `${to.n}`, position_id: `${to.id}` }))
})

test('only shards under the owner and the epoch that claimed them move', async () => {
  await using db = await outboxDatabase()
  const { owned, to } = await prepare(db)
  const shards = owned.map(({ shard, epoch }) => ({ shard, epoch: shard === 3 ? epoch - 1n : epoch }))
  expect(await movePositions(db.pool, { relay, shards, to })).not.toContain(3)
  expect(await movePositions(db.pool, { relay: makeRelayName('relay-1'), shards: owned, to })).toEqual([])
})

test('the same move again, after an answer that was lost, holds its shards', async () => {
  await using db = await outboxDatabase()
  const { owned, to } = await prepare(db)
  const first = await movePositions(db.pool, { relay, shards: owned, to })
  expect(first).toHaveLength(16)
  expect(await movePositions(db.pool, { relay, shards: owned, to })).toEqual(first)
})

test('renewing leases while positions move never ends in a deadlock', async () => {
  await using db = await outboxDatabase()
  const { owned, to } = await prepare(db)
  const moves = Array.from({ length: 30 }, (_, at) =>
    movePositions(db.pool, { relay, shards: at % 2 ? owned : owned.toReversed(), to }),
  )
  const renewals = Array.from({ length: 30 }, () => claimShards(db.pool, { relay, leaseMs: 60_000 }))
  for (const moved of await Promise.all(moves)) expect(moved).toHaveLength(16)
  for (const { owned } of await Promise.all(renewals)) expect(owned).toHaveLength(16)
})
