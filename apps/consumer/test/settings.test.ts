import { fileURLToPath } from 'node:url'
import { readSettings } from '@outbox/service/read-settings'
import { expect, test } from 'vitest'
import { ConsumerSettings, checkConsumerSettings } from '../src/consumer-settings.ts'
import { loadHandler } from '../src/load-handler.ts'
import { recordEffects, startConsumer } from './consumer-process.ts'

const right = {
  DATABASE_URL: 'postgres://user:secret@localhost/db',
  KAFKA_BROKERS: 'localhost:9092',
  CONSUMER_GROUP: 'a',
}
const read = (env: Record<string, string>) =>
  readSettings(ConsumerSettings, { ...right, ...env }, checkConsumerSettings)

test('a group, a database and brokers are enough', () => {
  expect(read({})).toMatchObject({ PORT: 5401, TOPICS: ['shared-events'], CONSUMER_MAX_ATTEMPTS: 5 })
})

test.each([
  ['CONSUMER_GROUP', ''],
  ['CONSUMER_GROUP', 'a b'],
  ['CONSUMER_GROUP', 'a/b'],
  ['CONSUMER_HANDLER', '   '],
  ['CONSUMER_MAX_ATTEMPTS', '0'],
  ['CONSUMER_MAX_ATTEMPTS', '1e3'],
  ['CONSUMER_BACKOFF_FIRST_MS', '-1'],
  ['CONSUMER_BATCH_BYTES', 'many'],
  ['CONSUMER_SESSION_TIMEOUT_MS', '5999'],
  ['CONSUMER_UPKEEP_MS', '0'],
])('%s=%j is named as wrong', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(new RegExp(`^${name} is ${JSON.stringify(value)}`))
})

test('a transaction must not outlive the session of its member', () => {
  expect(() => read({ DATABASE_IDLE_IN_TRANSACTION_MS: '10000' })).toThrow(
    /^DATABASE_IDLE_IN_TRANSACTION_MS is 10000, not below CONSUMER_SESSION_TIMEOUT_MS, which is 10000/,
  )
})

test('there must be a connection for each partition worked on', () => {
  expect(() => read({ DATABASE_POOL_MAX: '3' })).toThrow(
    /^CONSUMER_CONCURRENT_PARTITIONS is 3, not below DATABASE_POOL_MAX/,
  )
})

test('a name for Kafka without the rest is refused', () => {
  expect(() => read({ KAFKA_USERNAME: 'app' })).toThrow(/^KAFKA_USERNAME is set without KAFKA_SASL_MECHANISM: set both/)
})

test("without a path the handler is the ledger's; else the module's", async () => {
  expect(await loadHandler(undefined)).toEqual({ handle: expect.any(Function), prepare: expect.any(Function) })
  expect(await loadHandler(recordEffects)).toMatchObject({ handle: expect.any(Function) })
})

test.each([
  ['no/such/module.ts', /can't be loaded/],
  [fileURLToPath(new URL('./effects.ts', import.meta.url)), /exports no handle: export a function/],
])('the handler %j is refused', async (path, why) => {
  await expect(loadHandler(path)).rejects.toMatchObject({ operatorNeeded: true, message: expect.stringMatching(why) })
})

test.each([
  [{ CONSUMER_GROUP: '' }, 'stderr'],
  [{ CONSUMER_HANDLER: 'no/such/module.ts' }, 'log'],
] as const)('a consumer with %j ends with exit code 78 and one line that names it', async (env, where) => {
  await using consumer = startConsumer({ ...right, ...env })
  expect(await consumer.exited).toBe(78)
  const lines = where === 'stderr' ? consumer.stderr : [String(consumer.log.at(-1)?.msg)]
  expect(lines).toEqual([expect.stringContaining(`${Object.keys(env)[0]} is `)])
})
