import { expect, test } from 'vitest'
import { BatchSize } from '../src/batch-size.ts'
import { confirmInOrder } from '../src/confirm-in-order.ts'
import { cutRequest, type ProduceRequest } from '../src/produce-request.ts'
import { outgoing } from './fresh-topic.ts'

const limits = { maxRequestBytes: 10_000_000, maxBatchBytes: 1_000_000, maxBatchMessages: 10_000 }
const messages = (count: number, bytes = 250) =>
  Array.from({ length: count }, (_, at) => outgoing('t', `${at}`, { partition: at % 6, bytes }))

const requestOf = (count: number): ProduceRequest => cutRequest(messages(count), { from: 0, to: count }, limits)

test('where nothing is refused the bound is that of the settings', () => {
  const size = new BatchSize(1_000_000)
  size.taken(requestOf(1_000))
  expect(size.bytes).toBe(1_000_000)
})

test('a refusal halves it, down to a floor; full batches that are taken raise it again, others do not', () => {
  const size = new BatchSize(1_000_000)
  const request = requestOf(6_000)
  size.refused(request)
  const halved = size.bytes
  expect(halved).toBe(Math.max(...request.batches.map(({ bytes }) => bytes)) / 2)
  size.taken(requestOf(6))
  expect(size.bytes).toBe(halved)
  size.taken(request)
  expect(size.bytes).toBeCloseTo(halved * 1.05)
  for (let again = 0; again < 100; again += 1) size.taken(request)
  expect(size.bytes).toBeGreaterThan(halved)
  for (let again = 0; again < 100; again += 1) size.refused(requestOf(6))
  expect(size.bytes).toBe(1_024)
})

test('against a topic that takes less than the settings say, few messages are sent twice', async () => {
  const size = new BatchSize(limits.maxBatchBytes)
  const takes = 20_000
  let sent = 0
  for (let window = 0; window < 20; window += 1) {
    const limitsNow = () => ({ ...limits, maxBatchBytes: size.bytes })
    const refusal = await confirmInOrder(messages(3_000), limitsNow, async (request) => {
      // As Kafka does: the batches that are small enough are written.
      for (const { bytes, count } of request.batches) if (bytes <= takes) sent += count
      if (request.batches.every(({ bytes }) => bytes <= takes)) return void size.taken(request)
      size.refused(request)
      return { code: 'MESSAGE_TOO_LARGE', reason: 'too large' }
    })
    expect(refusal).toBeUndefined()
  }
  expect(sent).toBeGreaterThanOrEqual(60_000)
  expect(sent).toBeLessThan(60_000 * 1.2)
})
