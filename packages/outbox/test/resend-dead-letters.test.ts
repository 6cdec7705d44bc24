import { expect, test } from 'vitest'
import { discardDeadLetters } from '../src/discard-dead-letters.ts'
import { requeueDeadLetters } from '../src/requeue-dead-letters.ts'
import { resendDeadLetters } from '../src/resend-dead-letters.ts'
import { message, payloads } from './outbox-database.ts'
import { parkingDatabase, refusal, waiting } from './parking-database.ts'

test('a refused one goes back into the log as a new row, when its time has come', async () => {
  await using db = await parkingDatabase({ ...message('first', null), headers: { tenant: 'a' } })
  const [refused] = await db.nextBatch()
  await db.park([refusal(refused)])
  expect(await resendDeadLetters(db.pool, db)).toEqual([])
  await db.pool.query('update outbox.dead_letter set next_attempt_at = statement_timestamp()')
  expect(await resendDeadLetters(db.pool, db)).toEqual([
    { firstId: 1n, resentId: 2n, topic: 'shared-events', key: null },
  ])
  expect(await resendDeadLetters(db.pool, db)).toEqual([])
  const [again] = await db.nextBatch()
  expect(again).toMatchObject({ id: 2n, payload: Buffer.from('first') })
  expect(again?.headers).toEqual({ tenant: 'a', 'outbox-original-id': refused?.messageId })
  expect(again?.messageId).not.toBe(refused?.messageId)
})

test('only the owner of a shard does it, in its epoch', async () => {
  await using db = await parkingDatabase(message('refused'))
  await db.park([refusal((await db.nextBatch())[0])])
  await db.requeue()
  const { relay, shards } = db
  const otherEpoch = shards.map(({ shard, epoch }) => ({ shard, epoch: epoch - 1n }))
  expect(await resendDeadLetters(db.pool, { relay, shards: otherEpoch })).toEqual([])
  expect(await resendDeadLetters(db.pool, { relay: 'relay-2', shards })).toEqual([])
  expect(await resendDeadLetters(db.pool, { relay, shards: [] })).toEqual([])
  expect(await resendDeadLetters(db.pool, { relay, shards })).toHaveLength(1)
})

test('those of a key go in the order of their first appends, and only when those before them go', async () => {
  await using db = await parkingDatabase(...['1', '2', '3'].map((name) => message(name, 'a')), message('b', 'b'))
  const [first, second, third, other] = await db.nextBatch()
  await db.park([
    { ...refusal(first), holds: true },
    waiting(second),
    waiting(third),
    { ...refusal(other), holds: true },
  ])
  expect(await resendDeadLetters(db.pool, db)).toEqual([])
  expect(await requeueDeadLetters(db.pool, { ids: [3n] })).toBe(1)
  expect(await resendDeadLetters(db.pool, db)).toEqual([])
  expect(await requeueDeadLetters(db.pool, { ids: [1n] })).toBe(1)
  expect(await resendDeadLetters(db.pool, { ...db, limit: 2 })).toHaveLength(2)
  await db.append(message('4', 'a'))
  expect(await resendDeadLetters(db.pool, { ...db, limit: 2 })).toHaveLength(1)
  const batch = await db.nextBatch()
  expect(payloads(batch)).toEqual(['1', '2', '4', '3'])

  // What came between is parked for the next round, behind all that was appended before it.
  const [again1, again2, between, again3] = batch
  if (!again1 || !again2) throw new Error('nothing came again')
  await db.park([waiting(between), waiting(again3)], [again1, again2])
  await resendDeadLetters(db.pool, db)
  expect(payloads(await db.nextBatch())).toEqual(['3', '4'])
})

test('those behind a discarded one go at once', async () => {
  await using db = await parkingDatabase(message('1', 'a'), message('2', 'a'))
  const [first, second] = await db.nextBatch()
  await db.park([{ ...refusal(first), holds: true }, waiting(second)])
  expect(await discardDeadLetters(db.pool, { ids: [1n] })).toBe(1)
  expect(await resendDeadLetters(db.pool, db)).toHaveLength(1)
  expect(payloads(await db.nextBatch())).toEqual(['2'])
})
