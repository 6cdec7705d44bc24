import { expect, test } from 'vitest'
import { createProducerCircuits } from '../src/send/producer-circuits.ts'
import { createProducerClient } from '../src/send/producer-client.ts'
import { createSendState } from '../src/send/send-state.ts'
import { type BatchTaker, settleBatch } from '../src/send/settle-batch.ts'
import { type Behaviour, type Committed, type FakeProducer, fakeProducer } from './fake-producer.ts'

const request = {
  body: '{"messages":[{"key":"key-1","payload":{}},{"key":"key-2","payload":{}}]}',
  idempotencyKey: 'run-1/7',
  messages: 2,
}

/** Settles one batch at these producers; the first one is asked first. */
async function settle(
  producers: readonly FakeProducer[],
  { withinMs = 10_000, signal = new AbortController().signal }: { withinMs?: number; signal?: AbortSignal } = {},
) {
  const timeouts = { connectTimeoutMs: 500, requestTimeoutMs: 400 }
  const clients = producers.map((producer) => createProducerClient(producer, timeouts))
  const circuits = createProducerCircuits<BatchTaker>(clients, { firstMs: 20, ceilingMs: 200, probeMs: 400 })
  const state = createSendState()
  const settled = await settleBatch(
    { batch: 7, sinceMs: performance.now(), request },
    { circuits, bounds: { withinMs, firstWaitMs: 5, ceilingWaitMs: 50 }, state, signal },
  )
  expect(state.inFlight).toBe(0)
  for (const client of clients) client.close()
  return settled
}

const once = (behaviour: Behaviour) => (_: unknown, nth: number) => (nth === 1 ? behaviour : 'accept')

test.each<[string, Behaviour, string]>([
  ['whose answer was lost', 'lose', 'CONNECTION_CLOSED'],
  ['that was answered 409', { status: 409, type: 'idempotency-under-way' }, '409'],
  ['with an unknown outcome', { status: 500, type: 'outcome-unknown' }, '500 outcome-unknown'],
  ['that was answered 503', { status: 503, retryAfterSeconds: 1 }, '503'],
  ['that a proxy answered 502', { status: 502 }, '502'],
])('a batch %s is sent to another producer with the same key and body', async (_, behaviour, code) => {
  const committed: Committed = new Map()
  await using one = await fakeProducer({ name: 'one', committed, behave: once(behaviour) })
  await using two = await fakeProducer({ name: 'two', committed })
  const settled = await settle([one, two])
  expect(settled).toMatchObject({ batch: 7, outcome: 'sent', producer: 'two', errors: [{ producer: 'one', code }] })
  expect(one.received).toHaveLength(1)
  expect(two.received).toEqual(one.received)
  expect(two.received[0]).toMatchObject({ key: 'run-1/7', body: request.body })
  expect(committed.size).toBe(1)
})

test('a dead producer is passed over', async () => {
  const committed: Committed = new Map()
  await using dead = await fakeProducer({ name: 'dead', committed })
  await using two = await fakeProducer({ name: 'two', committed })
  await dead.kill()
  expect(await settle([dead, two])).toMatchObject({
    outcome: 'sent',
    producer: 'two',
    errors: [{ code: 'ECONNREFUSED' }],
  })
})

test('a producer that hangs is passed over, and what it does later has no second effect', async () => {
  const committed: Committed = new Map()
  await using hung = await fakeProducer({ name: 'hung', committed, onCommit: () => new Promise(() => {}) })
  await using two = await fakeProducer({ name: 'two', committed })
  const settled = await settle([hung, two])
  expect(settled).toMatchObject({ outcome: 'sent', producer: 'two', errors: [{ code: 'ANSWER_TIMEOUT' }] })
  expect(committed.size).toBe(1)
})

test('Retry-After is honoured where there is no other producer', async () => {
  const committed: Committed = new Map()
  const behave = once({ status: 503, retryAfterSeconds: 0.15 })
  await using one = await fakeProducer({ name: 'one', committed, behave })
  const settled = await settle([one])
  expect(settled).toMatchObject({ outcome: 'sent', producer: 'one' })
  expect(settled.latencyMs).toBeGreaterThan(140)
})

test('a refused batch failed, and is not sent again', async () => {
  const committed: Committed = new Map()
  await using one = await fakeProducer({ name: 'one', committed, behave: () => ({ status: 413, type: 'too-large' }) })
  await using two = await fakeProducer({ name: 'two', committed })
  expect(await settle([one, two])).toMatchObject({ outcome: 'failed', producer: 'one', errors: [{ code: '413' }] })
  expect(two.received).toHaveLength(0)
})

test('a batch that is refused after an answer was lost is unknown', async () => {
  const committed: Committed = new Map()
  await using one = await fakeProducer({ name: 'one', committed, behave: () => 'lose' })
  await using two = await fakeProducer({ name: 'two', committed, behave: () => ({ status: 400 }) })
  expect(await settle([one, two])).toMatchObject({ outcome: 'unknown' })
})

test('when the time is over, a batch that cannot have been accepted failed, any other is unknown', async () => {
  const committed: Committed = new Map()
  await using busy = await fakeProducer({ name: 'busy', committed, behave: () => ({ status: 503 }) })
  await using lossy = await fakeProducer({ name: 'lossy', committed, behave: () => 'lose' })
  const failed = await settle([busy], { withinMs: 300 })
  expect(failed).toMatchObject({ outcome: 'failed', producer: 'busy' })
  expect(failed.errors.length).toBeGreaterThan(1)
  expect(await settle([busy, lossy], { withinMs: 300 })).toMatchObject({ outcome: 'unknown' })
})

test('after an interrupt nothing is sent again', async () => {
  const interrupt = new AbortController()
  const committed: Committed = new Map()
  await using one = await fakeProducer({
    name: 'one',
    committed,
    behave: () => {
      interrupt.abort()
      return 'lose'
    },
  })
  expect(await settle([one], { signal: interrupt.signal })).toMatchObject({ outcome: 'unknown', errors: [{}] })
  expect(one.received).toHaveLength(1)
})
