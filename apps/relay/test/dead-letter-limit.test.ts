import { appendMessages } from '@outbox/outbox/append-messages'
import { discardDeadLetters } from '@outbox/outbox/discard-dead-letters'
import { countDeadLetters } from '@outbox/outbox/find-dead-letters'
import { makeTick } from '@outbox/outbox/make-tick'
import { expect, test } from 'vitest'
import { DeadLetterLimit, DeadLettersFullError } from '../src/dead-letter-limit.ts'
import { troubleOf } from '../src/trouble.ts'
import { relayInTest } from './relay-in-test.ts'
import { outboxDatabase } from './written-log.ts'

test('where as many are parked as the settings allow, nothing moves until some are resolved', async () => {
  await using database = await outboxDatabase()
  const { pool } = database
  await makeTick(pool, { topicPartitions: new Map([['topic', 6]]) })
  const client = await pool.connect()
  await appendMessages(
    client,
    [1, 2, 3].map((payload) => ({ topic: 'elsewhere', key: null, payload: `${payload}` })),
  )
  client.release()
  const limit = new DeadLetterLimit(2)
  const publisher = { connect: async () => {}, publish: async () => undefined, close: async () => {} }
  await using relay = await relayInTest(pool, { publisher, allowed: ['topic'], limit })
  limit.counted(2)
  await relay.window()
  const full = await relay.window().catch((error) => error)
  expect(full).toBeInstanceOf(DeadLettersFullError)
  expect(troubleOf(full)).toEqual({ part: 'dead letters', reason: expect.stringContaining('RELAY_MAX_DEAD_LETTERS') })
  expect(await countDeadLetters(pool, {})).toBe(0)

  await discardDeadLetters(pool, {})
  limit.counted(0)
  await expect.poll(() => relay.window()).toBe(true)
  expect(await countDeadLetters(pool, {})).toBe(3)
})
