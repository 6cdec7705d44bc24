import type { Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { holdAppends } from './hold-appends.ts'
import { one, startProducer } from './producer-under-test.ts'

test('the same key and body get the same answer, and no second message', async () => {
  await using producer = await startProducer()
  const headers = { 'idempotency-key': 'k-1' }
  const first = await producer.post(one(), headers)
  const again = await producer.post(one(), headers)
  const minimal = await producer.post(one(), { ...headers, prefer: 'return=minimal' })
  expect(first.status).toBe(202)
  expect([again.status, again.body]).toEqual([202, first.body])
  expect([minimal.status, minimal.body]).toEqual([202, { accepted: 1 }])
  expect(await producer.stored()).toHaveLength(1)
})

test('the same key with another body is answered 422', async () => {
  await using producer = await startProducer()
  const headers = { 'idempotency-key': 'k-1' }
  await producer.post('{"messages":[{"payload":1}]}', headers)
  const other = await producer.post('{"messages":[{"payload":1} ]}', headers)
  expect(other).toMatchObject({ status: 422, body: { type: 'idempotency-other-body' } })
  expect(await producer.stored()).toHaveLength(1)
})

test('of the same request twice at once one is accepted, the other told 409 or the same answer', async () => {
  await using producer = await startProducer()
  await using held = await holdAppends(producer.database)
  const first = producer.post(one(), { 'idempotency-key': 'k-1' })
  await expect.poll(() => held.waiting()).toBe(1)
  const second = await producer.post(one(), { 'idempotency-key': 'k-1' })
  expect(second).toMatchObject({ status: 409, body: { type: 'idempotency-under-way' } })
  expect(second.headers.get('retry-after')).toBe('1')
  await held.release()

  const { status, body } = await first
  expect(status).toBe(202)
  expect(await producer.post(one(), { 'idempotency-key': 'k-1' })).toMatchObject({ status: 202, body })
  expect(await producer.stored()).toHaveLength(1)
})

test('a request costs three writes to the database', async () => {
  await using producer = await startProducer({ DATABASE_POOL_MAX: '1' })
  await producer.post(one(), { 'idempotency-key': 'k-1' })
  const client = await producer.pool.connect()
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  const single = vi.spyOn(stream, '_write')
  const joined = vi.spyOn(stream, '_writev')
  client.release()
  expect(await producer.post(one(), { 'idempotency-key': 'k-2' })).toMatchObject({ status: 202 })
  expect(single.mock.calls.length + joined.mock.calls.length).toBe(3)
})

test('a refused request does not use up its key', async () => {
  await using producer = await startProducer()
  const headers = { 'idempotency-key': 'k-1' }
  expect(await producer.post(one({ key: '' }), headers)).toMatchObject({ status: 400 })
  expect(await producer.post(one({ key: 'a' }), headers)).toMatchObject({ status: 202 })
})

test('a key that is not 1 to 255 visible characters is refused', async () => {
  await using producer = await startProducer()
  for (const key of [' ', 'two words', 'é', 'a'.repeat(256), 'a, b']) {
    expect(await producer.post(one(), { 'idempotency-key': key })).toMatchObject({
      status: 400,
      body: { type: 'invalid-request', errors: [{ path: 'Idempotency-Key' }] },
    })
  }
})

test('a key may be any 255 visible characters', async () => {
  await using producer = await startProducer()
  for (const key of ['not-a-uuid', '"quoted"', "';--", 'a'.repeat(255)]) {
    expect(await producer.post(one(), { 'idempotency-key': key })).toMatchObject({ status: 202 })
  }
})
