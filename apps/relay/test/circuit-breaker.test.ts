import { PublishError, type Publisher } from '@outbox/kafka/publisher'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { BreakerOpenError, withCircuitBreaker } from '../src/circuit-breaker.ts'

const away = () => {
  throw new PublishError(new Error('the broker is away'), { unanswered: false, topics: [] })
}

function guarded(publish: Publisher['publish']) {
  const publisher: Publisher = { connect: async () => {}, publish, close: async () => {} }
  const onAttempt = vi.fn<(seconds: number) => void>()
  const options = { windowMs: 1_000, resetMs: 100, onAttempt, logger: pino({ level: 'silent' }) }
  return { ...withCircuitBreaker(publisher, options), onAttempt }
}

test('while Kafka fails it is not asked, but for one attempt now and then; the first success closes the breaker', async () => {
  const publish = vi.fn<Publisher['publish']>(async () => away())
  const breaker = guarded(publish)
  await expect(breaker.publish([])).rejects.toBeInstanceOf(PublishError)
  expect(breaker.state()).toBe('open')
  await expect(breaker.publish([])).rejects.toThrow(
    new BreakerOpenError('Kafka did not confirm messages: the broker is away (Error)'),
  )
  expect(publish).toHaveBeenCalledTimes(1)
  expect(breaker.onAttempt).toHaveBeenCalledTimes(1)
  await expect.poll(() => breaker.state()).toBe('halfOpen')
  await expect(breaker.publish([])).rejects.toBeInstanceOf(PublishError)
  expect(breaker.state()).toBe('open')
  await expect.poll(() => breaker.state()).toBe('halfOpen')
  publish.mockResolvedValue(undefined)
  expect(await breaker.publish([])).toBeUndefined()
  expect(breaker.state()).toBe('closed')
  await breaker.close()
})

test('a refused message is an answer: it opens nothing', async () => {
  const refusal = { index: 0, code: 'MESSAGE_TOO_LARGE', reason: 'too large' }
  const breaker = guarded(async () => refusal)
  for (let attempt = 0; attempt < 5; attempt += 1) expect(await breaker.publish([])).toEqual(refusal)
  expect(breaker.state()).toBe('closed')
  await breaker.close()
})

test('an error that is not of Kafka passes through, and opens nothing', async () => {
  const breaker = guarded(async () => {
    throw new RangeError('a defect')
  })
  await expect(breaker.publish([])).rejects.toBeInstanceOf(RangeError)
  expect(breaker.state()).toBe('closed')
  await breaker.close()
})
