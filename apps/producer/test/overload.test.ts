import { expect, test } from 'vitest'
import { one, startProducer } from './producer-under-test.ts'

test('500 clients at once: each is answered, 202 or 503, and what was answered 202 is there', async () => {
  await using producer = await startProducer({
    DATABASE_POOL_MAX: '1',
    DATABASE_CONNECT_TIMEOUT_MS: '300',
    PRODUCER_MAX_IN_FLIGHT: '100',
  })
  const answers = await Promise.all(Array.from({ length: 500 }, (_, n) => producer.post(one({ key: `${n}` }))))
  const accepted = answers.flatMap(({ status, body }) => (status === 202 ? (body.ids ?? []) : []))
  const refused = answers.filter(({ status }) => status === 503)
  expect(accepted.length + refused.length).toBe(500)
  expect(refused.length).toBeGreaterThan(0)
  for (const { headers } of refused) expect(headers.get('retry-after')).toBe('1')
  expect((await producer.stored()).map(({ id }) => id).sort()).toEqual(accepted.sort())
})

test('requests beyond the bound are refused at once, those within it wait for a connection no longer than allowed', async () => {
  await using producer = await startProducer({
    DATABASE_POOL_MAX: '1',
    DATABASE_CONNECT_TIMEOUT_MS: '300',
    PRODUCER_MAX_IN_FLIGHT: '2',
  })
  const hold = await producer.pool.connect()
  const answers = await Promise.all([1, 2, 3].map(() => producer.post(one())))
  hold.release()
  const details = answers.map(({ status, body }) => `${status} ${body.detail}`).sort()
  expect(details).toEqual([
    expect.stringContaining('503 not accepted: as much is being worked on'),
    expect.stringContaining('503 not accepted: the database gave no connection in time'),
    expect.stringContaining('503 not accepted: the database gave no connection in time'),
  ])
  expect(await producer.post(one())).toMatchObject({ status: 202 })
  const metrics = await producer.registry.metrics()
  expect(metrics).toContain('outbox_producer_refused_total{reason="overloaded"} 1\n')
  expect(metrics).toContain('outbox_producer_refused_total{reason="no-connection"} 2\n')
})

test('the bodies in flight are bounded together', async () => {
  await using producer = await startProducer({
    DATABASE_POOL_MAX: '1',
    DATABASE_CONNECT_TIMEOUT_MS: '300',
    PRODUCER_MAX_BODY_BYTES: '1024',
    PRODUCER_MAX_PAYLOAD_BYTES: '1024',
    PRODUCER_MAX_IN_FLIGHT_BYTES: '1024',
  })
  const large = one({ payload: 'x'.repeat(600) })
  const hold = await producer.pool.connect()
  const answers = await Promise.all([1, 2].map(() => producer.post(large)))
  hold.release()
  expect(answers.map(({ body }) => body.detail).sort()).toEqual([
    expect.stringContaining('as much is being worked on'),
    expect.stringContaining('no connection in time'),
  ])
})
