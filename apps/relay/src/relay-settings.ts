import { checkKafkaSecurity } from '@outbox/service/kafka-security-settings'
import { KafkaSettings } from '@outbox/service/kafka-settings'
import type { SettingProblem } from '@outbox/service/read-settings'
import { portSetting, ServiceSettings } from '@outbox/service/service-settings'
import { type Static, Type } from 'typebox'

/** What the relay needs to run. Read from the environment once, in main.ts. */
export const RelaySettings = Type.Object({
  ...ServiceSettings.properties,
  ...KafkaSettings.properties,
  PORT: portSetting(5501),
  RELAY_TOPIC_PARTITIONS: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    default: 6,
    description: 'partitions of an allowed topic that is missing and is made',
  }),
  RELAY_CREATE_TOPICS: Type.Boolean({ default: true, description: 'make allowed topics that are missing' }),
  RELAY_WINDOW_IDS: Type.Integer({
    minimum: 100,
    maximum: 100_000,
    default: 3_000,
    description: 'ids of the outbox read, published and moved past at once',
  }),
  RELAY_WINDOW_BYTES: Type.Integer({
    minimum: 1_048_576,
    maximum: 268_435_456,
    default: 33_554_432,
    description: 'payload bytes in one window, which bounds the memory; a window holds one message at least',
  }),
  RELAY_BATCH_BYTES: Type.Integer({
    minimum: 1_024,
    maximum: 104_857_600,
    default: 1_000_000,
    description: 'bytes of one batch for one partition; keep it below the max.message.bytes of the topics',
  }),
  RELAY_IDLE_POLL_MS: Type.Integer({
    minimum: 1,
    maximum: 60_000,
    default: 5,
    description: 'wait before the outbox is looked at again when nothing was new, in ms',
  }),
  RELAY_MOVE_MS: Type.Integer({
    minimum: 0,
    maximum: 1_000,
    default: 100,
    description: 'positions move at most so often, in ms; what a relay has sent since then is sent again when it dies',
  }),
  RELAY_LEASE_MS: Type.Integer({
    minimum: 1_000,
    maximum: 600_000,
    default: 10_000,
    description: 'shards of a relay that stopped renewing are free for others after this time, in ms',
  }),
  RELAY_SEND_TIMEOUT_MS: Type.Integer({
    minimum: 500,
    maximum: 300_000,
    default: 5_000,
    description: 'a request to Kafka without answer fails after this time, in ms; below RELAY_LEASE_MS',
  }),
  RELAY_BACKOFF_MAX_MS: Type.Integer({
    minimum: 100,
    maximum: 300_000,
    default: 5_000,
    description: 'longest wait between attempts while Kafka or PostgreSQL is away, in ms',
  }),
  RELAY_BREAKER_WINDOW_MS: Type.Integer({
    minimum: 1_000,
    maximum: 600_000,
    default: 10_000,
    description: 'the circuit breaker opens when half of the attempts within this time failed, in ms',
  }),
  RELAY_BREAKER_RESET_MS: Type.Integer({
    minimum: 100,
    maximum: 300_000,
    default: 1_000,
    description: 'an open circuit breaker lets an attempt through after this time, in ms',
  }),
  RELAY_POISON_POLICY: Type.Enum(['skip', 'hold-key'], {
    default: 'skip',
    description:
      'messages that come later with the key of a refused one go on, which breaks the order of that key, or wait behind it',
  }),
  RELAY_MAX_ATTEMPTS: Type.Integer({
    minimum: 1,
    maximum: 1_000,
    default: 5,
    description: 'attempts of a message that Kafka refuses, before it waits for an operator',
  }),
  RELAY_RETRY_FIRST_MS: Type.Integer({
    minimum: 10,
    maximum: 3_600_000,
    default: 2_000,
    description: 'longest wait after the first refusal of a message, in ms; it doubles with each further one',
  }),
  RELAY_RETRY_MAX_MS: Type.Integer({
    minimum: 10,
    maximum: 86_400_000,
    default: 600_000,
    description: 'longest wait between attempts of a message that Kafka refuses, in ms',
  }),
  RELAY_MAX_DEAD_LETTERS: Type.Integer({
    minimum: 1,
    maximum: 10_000_000,
    default: 100_000,
    description: 'parked messages, about; nothing moves while there are so many',
  }),
  RELAY_HOUSEKEEPING_MS: Type.Integer({
    minimum: 100,
    maximum: 600_000,
    default: 5_000,
    description:
      'between two rounds of making partitions ahead, dropping old ones, deleting old ticks and looking at topics, in ms',
  }),
  RELAY_WARN_UNPUBLISHED_SECONDS: Type.Integer({
    minimum: 1,
    maximum: 86_400,
    default: 60,
    description: 'a message that waits for so long to be published, or a shard that stands still, is worth a log line',
  }),
  RELAY_WARN_TRANSACTION_SECONDS: Type.Integer({
    minimum: 1,
    maximum: 86_400,
    default: 60,
    description: 'a transaction that is open for so long is worth a log line',
  }),
  OUTBOX_RETENTION: Type.String({
    pattern: '^[1-9][0-9]{0,8}(ms|s|m|h|d)$',
    default: '72h',
    description: 'how long published messages stay in the outbox at least, such as 90s, 30m, 72h, 7d',
  }),
})
export type RelaySettings = Static<typeof RelaySettings>

/** Settings that are right one by one but don't go together. */
export function checkRelaySettings(settings: RelaySettings): SettingProblem[] {
  return [...checkKafkaSecurity(settings), ...checkLease(settings)]
}

/** A relay must not lose its shards while it waits for one answer of Kafka. */
function checkLease({ RELAY_SEND_TIMEOUT_MS, RELAY_LEASE_MS }: RelaySettings): SettingProblem[] {
  if (RELAY_SEND_TIMEOUT_MS < RELAY_LEASE_MS) return []
  const message =
    `RELAY_SEND_TIMEOUT_MS is ${RELAY_SEND_TIMEOUT_MS} and RELAY_LEASE_MS is ${RELAY_LEASE_MS}: ` +
    'a lease must outlast a send; raise the lease or lower the time-out.'
  return [{ setting: 'RELAY_LEASE_MS', message }]
}
