import { expect, test } from 'vitest'
import { claimShards } from '../src/claim-shards.ts'
import { storeIdempotencyKey } from '../src/idempotency-key.ts'
import { makeTick } from '../src/make-tick.ts'
import { readTicks, TicksSweptError } from '../src/read-ticks.ts'
import { makeRelayName } from '../src/relay-name.ts'
import { sweepOutbox } from '../src/sweep-outbox.ts'
import type { Tick } from '../src/tick.ts'
import { message, type OutboxDatabase, outboxDatabase, readBatch } from './outbox-database.ts'

async function makeTicks(db: OutboxDatabase, count: number): Promise<Tick[]> {
  const ticks: Tick[] = []
  for (let at = 0; at < count; at++) {
    await db.append(message(`${at}`))
    const tick = await makeTick(db.pool)
    if (tick !== undefined) ticks.push(tick)
  }
  return ticks
}

const move = ({ pool }: OutboxDatabase, shards: string, tick: Tick | undefined) =>
  pool.query(`update outbox.shard set position_n = $1, position_id = $2 where ${shards}`, [tick?.n, tick?.lastId])

const remaining = async ({ pool }: OutboxDatabase) =>
  (await pool.query('select n from outbox.tick order by n')).rows.map(({ n }) => BigInt(n))

test("ticks behind the slowest shard go, but for the one before its position's", async () => {
  await using db = await outboxDatabase()
  const ticks = await makeTicks(db, 6)
  expect(await sweepOutbox(db.pool)).toMatchObject({ ticks: 0 })
  await move(db, 'true', ticks[5])
  await move(db, 'shard = 7', ticks[3])
  expect(await sweepOutbox(db.pool)).toMatchObject({ ticks: 3 })
  expect(await remaining(db)).toEqual(ticks.slice(2).map(({ n }) => n))
  expect(await sweepOutbox(db.pool)).toMatchObject({ ticks: 0 })

  // In the midst of its batch or at the end of it: the slowest shard can go on.
  const [begun, next] = await readTicks(db.pool, { after: (ticks[3]?.n ?? 0n) - 1n, limit: 2 })
  expect(await readBatch(db, begun)).toHaveLength(1)
  expect(await readBatch(db, next)).toHaveLength(1)
})

test('the last tick stays, and the log goes on from it', async () => {
  await using db = await outboxDatabase()
  const ticks = await makeTicks(db, 3)
  await move(db, 'true', ticks[2])
  await sweepOutbox(db.pool)
  expect(await remaining(db)).toEqual(ticks.slice(1).map(({ n }) => n))
  const [next] = await makeTicks(db, 1)
  expect(next?.prev.n).toBe(ticks[2]?.n)
})

test('a call deletes no more than its batch, the oldest first, also where several sweep at once', async () => {
  await using db = await outboxDatabase()
  const ticks = await makeTicks(db, 12)
  await move(db, 'true', ticks[11])
  const swept = await Promise.all([1, 2, 3].map(() => sweepOutbox(db.pool, { batch: 3 })))
  const count = swept.reduce((sum, { ticks }) => sum + ticks, 0)
  expect(count).toBeGreaterThanOrEqual(3)
  expect(await remaining(db)).toEqual(ticks.slice(count - 1).map(({ n }) => n))
})

test('a tick that was swept cannot be read from any more', async () => {
  await using db = await outboxDatabase()
  const ticks = await makeTicks(db, 3)
  await move(db, 'true', ticks[2])
  await sweepOutbox(db.pool)
  const reading = readTicks(db.pool, { after: 0n, limit: 10 })
  await expect(reading).rejects.toThrow('swept')
  await expect(reading).rejects.toBeInstanceOf(TicksSweptError)
})

test('answers are kept for a day, relays that are gone for an hour', async () => {
  await using db = await outboxDatabase()
  await claimShards(db.pool, { relay: makeRelayName('gone'), leaseMs: 1_000 })
  await claimShards(db.pool, { relay: makeRelayName('alive'), leaseMs: 1_000 })
  await db.pool.query(`update outbox.relay set lease_ends_at = now() - interval '2 hours' where instance = 'gone'`)
  for (const key of ['old', 'fresh'])
    await storeIdempotencyKey(db.pool, { key, fingerprint: Buffer.alloc(32), ids: [] })
  await db.pool.query(`update outbox.idempotency_key set created_at = now() - interval '25 hours' where key = 'old'`)
  expect(await sweepOutbox(db.pool)).toEqual({ ticks: 0, idempotencyKeys: 1, relays: 1 })
})
