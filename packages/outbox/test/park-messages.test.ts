import { expect, test } from 'vitest'
import type { Parking } from '../src/park-messages.ts'
import { readHolds } from '../src/read-holds.ts'
import { readParked } from '../src/read-parked.ts'
import { resendDeadLetters } from '../src/resend-dead-letters.ts'
import { message } from './outbox-database.ts'
import { type ParkingDatabase, parkingDatabase, refusal, waiting } from './parking-database.ts'

const deadLetters = async ({ pool }: ParkingDatabase) =>
  (await pool.query('select * from outbox.dead_letter order by id')).rows

test('a refused message is parked, whole, by the statement that moves its shard', async () => {
  await using db = await parkingDatabase({ ...message('too large', 'a'), headers: { tenant: 'a' } })
  const [refused] = await db.nextBatch()
  const { held, parked } = await db.park([refusal(refused)])
  expect(held).toHaveLength(16)
  expect(parked).toEqual([{ id: refused?.id, attempts: 1, nextAttemptAt: expect.any(Date) }])
  expect(await deadLetters(db)).toMatchObject([
    {
      id: '1',
      n: `${db.end.n}`,
      shard: refused?.shard,
      message_id: refused?.messageId,
      topic: 'shared-events',
      key: 'a',
      payload: Buffer.from('too large'),
      headers: { tenant: 'a' },
      code: 'MESSAGE_TOO_LARGE',
      reason: 'too large',
      ambiguous: false,
      first_id: '1',
      holds: false,
    },
  ])
})

test('the same again, after an answer that was lost, holds its shards and parks nothing twice', async () => {
  await using db = await parkingDatabase(message('too large'))
  const parked = [refusal((await db.nextBatch())[0])]
  const first = await db.park(parked)
  expect(await db.park(parked)).toEqual({ held: first.held, parked: [] })
  expect(await deadLetters(db)).toHaveLength(1)
})

test('a lost lease parks nothing, and forgets nothing', async () => {
  await using db = await parkingDatabase(message('too large', 'a'))
  const [first] = await db.nextBatch()
  await db.park([refusal(first)])
  await db.requeue()
  await resendDeadLetters(db.pool, db)
  const [again] = await db.nextBatch()
  await db.pool.query('update outbox.shard set epoch = epoch + 1 where shard = $1', [again?.shard])
  expect((await db.park([refusal(again)])).parked).toEqual([])
  expect(await db.park([], again ? [again] : [])).toMatchObject({ held: expect.not.arrayContaining([again?.shard]) })
  expect(await deadLetters(db)).toMatchObject([{ id: '1', resent_id: '2', attempts: 1 }])
})

test('one that waits behind another is no attempt, and is due as soon as the other is', async () => {
  await using db = await parkingDatabase(message('refused', 'a'), message('behind', 'a'))
  const [refused, behind] = await db.nextBatch()
  await db.park([{ ...refusal(refused), holds: true }, waiting(behind)])
  const [first, second] = await deadLetters(db)
  expect(first.next_attempt_at > second.next_attempt_at).toBe(true)
  expect(second).toMatchObject({ code: 'KEY_HELD', attempts: 0 })
  expect(await readHolds(db.pool, [refused?.shard ?? -1])).toMatchObject([
    { key: 'a', firstId: 1n, resentId: undefined },
    { key: 'a', firstId: 2n, resentId: undefined },
  ])
})

test('attempts are counted over the rows as which it was sent, up to the last; then it waits for an operator', async () => {
  await using db = await parkingDatabase(message('too large', 'a'))
  const retry = { maxAttempts: 3, firstMs: 1, ceilingMs: 1 }
  for (const attempts of [1, 2, 3]) {
    const [refused] = await db.nextBatch()
    const { parked } = await db.park([refusal(refused)], [], { retry })
    const nextAttemptAt = attempts === 3 ? null : expect.any(Date)
    expect(parked).toEqual([{ id: BigInt(attempts), attempts, nextAttemptAt }])
    if (attempts < 3) await expect.poll(() => resendDeadLetters(db.pool, db)).toHaveLength(1)
  }
  expect(await readParked(db.pool)).toEqual({ retry: 0, key: 0, operator: 1 })
  expect(await resendDeadLetters(db.pool, db)).toEqual([])
  expect(await deadLetters(db)).toMatchObject([{ first_id: '1', id: '3' }])
})

test('one that may be in the topic waits for an operator at once', async () => {
  await using db = await parkingDatabase(message('too large'))
  const { parked } = await db.park([{ ...refusal((await db.nextBatch())[0]), ambiguous: true }])
  expect(parked).toMatchObject([{ nextAttemptAt: null }])
})

test('what was sent again is forgotten with the move past it', async () => {
  await using db = await parkingDatabase(message('refused', 'a'), message('other', 'b'))
  const [refused] = await db.nextBatch()
  await db.park([refusal(refused)])
  await db.requeue()
  await resendDeadLetters(db.pool, db)
  const again = await db.nextBatch()
  expect(again).toMatchObject([{ id: 3n, headers: { 'outbox-original-id': refused?.messageId } }])
  await db.park([], again)
  expect(await deadLetters(db)).toEqual([])
})

test('waits double with full jitter, up to the longest', async () => {
  await using db = await parkingDatabase(...Array.from({ length: 200 }, (_, at) => message(`${at}`, `${at}`)))
  const retry: Parking['retry'] = { maxAttempts: 9, firstMs: 1_000_000, ceilingMs: 3_000_000 }
  for (const bound of [1_000_000, 2_000_000, 3_000_000]) {
    const batch = await db.nextBatch()
    const { parked } = await db.park(batch.map(refusal), [], { retry })
    const [{ now }] = (await db.pool.query('select clock_timestamp() as now')).rows
    const waits = parked.map(({ nextAttemptAt }) => Number(nextAttemptAt) - Number(now))
    expect(Math.max(...waits)).toBeLessThanOrEqual(bound)
    expect(Math.max(...waits)).toBeGreaterThan(bound * 0.8)
    expect(Math.min(...waits)).toBeLessThan(bound * 0.2)
    await db.requeue()
    await resendDeadLetters(db.pool, { ...db, limit: 1_000 })
  }
})
