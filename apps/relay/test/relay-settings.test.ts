import { readSettings } from '@outbox/service/read-settings'
import { expect, test } from 'vitest'
import { checkRelaySettings, RelaySettings } from '../src/relay-settings.ts'
import { startRelay } from './relay-process.ts'

const needed = { DATABASE_URL: 'postgres://localhost/outbox', KAFKA_BROKERS: 'localhost:9092' }
const read = (env: Record<string, string>) => readSettings(RelaySettings, { ...needed, ...env }, checkRelaySettings)

test('defaults are right together', () => {
  expect(read({})).toMatchObject({ PORT: 5501, TOPICS: ['shared-events'], RELAY_WINDOW_IDS: 3_000 })
})

test.for([
  ['RELAY_WINDOW_IDS', '0'],
  ['RELAY_WINDOW_IDS', 'many'],
  ['RELAY_WINDOW_IDS', ''],
  ['RELAY_IDLE_POLL_MS', '0'],
  ['RELAY_LEASE_MS', '1.5'],
  ['RELAY_CREATE_TOPICS', 'yes'],
  ['OUTBOX_RETENTION', 'soon'],
  ['OUTBOX_RETENTION', '0d'],
  ['OUTBOX_RETENTION', '72'],
  ['TOPICS', 'not a topic'],
] as const)('%s=%o is refused by its name', ([name, value]) => {
  expect(() => read({ [name]: value })).toThrow(name)
})

test('a lease that a send may outlast is refused', () => {
  expect(() => read({ RELAY_LEASE_MS: '5000', RELAY_SEND_TIMEOUT_MS: '5000' })).toThrow(
    /RELAY_SEND_TIMEOUT_MS is 5000 and RELAY_LEASE_MS is 5000: a lease must outlast a send/,
  )
})

test('a name for Kafka without the rest is refused', () => {
  expect(() => read({ KAFKA_USERNAME: 'app' })).toThrow(/^KAFKA_USERNAME is set without KAFKA_SASL_MECHANISM: set both/)
})

test('a wrong setting ends the process with 78 and one line', async () => {
  await using relay = startRelay({
    databaseUrl: 'postgres://localhost/outbox',
    topic: 'any',
    env: { RELAY_WINDOW_IDS: '5' },
  })
  expect(await relay.exited).toBe(78)
  expect(relay.lines).toHaveLength(1)
  expect(relay.lines[0]).toMatch(/^relay: RELAY_WINDOW_IDS is "5"/)
})
