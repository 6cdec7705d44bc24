import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { claimIdempotencyKey, storeIdempotencyKey } from '../src/idempotency-key.ts'
import { outboxDatabase } from './outbox-database.ts'

const request = (body: string, key = 'key') => ({ key, fingerprint: createHash('sha256').update(body).digest() })
const ids = ['01a20bbc-bc21-7fe0-9918-780fba6cd449', '01a20bbc-bc21-7cb9-b816-5f90200e715b']

test('the same request again is given the same answer, another body under the key is not', async () => {
  await using db = await outboxDatabase()
  const first = await db.begin()
  expect(await claimIdempotencyKey(first, request('body'))).toEqual({ state: 'new' })
  await storeIdempotencyKey(first, { ...request('body'), ids })
  await first.commit()
  const again = await db.begin()
  expect(await claimIdempotencyKey(again, request('body'))).toEqual({ state: 'answered', ids })
  expect(await claimIdempotencyKey(again, request('other'))).toEqual({ state: 'other-body' })
  expect(await claimIdempotencyKey(again, request('body', 'other key'))).toEqual({ state: 'new' })
  await again.rollback()
})

test('while the first is under way, a second is told so instead of waiting', async () => {
  await using db = await outboxDatabase()
  const first = await db.begin()
  await claimIdempotencyKey(first, request('body'))
  const second = await db.begin()
  expect(await claimIdempotencyKey(second, request('body'))).toEqual({ state: 'under-way' })
  await first.rollback()
  expect(await claimIdempotencyKey(second, request('body'))).toEqual({ state: 'new' })
  await second.rollback()
})

test('of ten at once one is new, and after it all have its answer', async () => {
  await using db = await outboxDatabase()
  const attempt = async () => {
    const tx = await db.begin()
    const claim = await claimIdempotencyKey(tx, request('body'))
    if (claim.state === 'new') await storeIdempotencyKey(tx, { ...request('body'), ids })
    await tx.commit()
    return claim.state
  }
  const states = await Promise.all(Array.from({ length: 10 }, attempt))
  expect(states.filter((state) => state === 'new')).toHaveLength(1)
  expect(await attempt()).toBe('answered')
})
