import { checkKafkaSecurity } from '@outbox/service/kafka-security-settings'
import { KafkaSettings } from '@outbox/service/kafka-settings'
import type { SettingProblem } from '@outbox/service/read-settings'
import { portSetting, ServiceSettings } from '@outbox/service/service-settings'
import { type Static, Type } from 'typebox'

/** What a consumer needs to run. Read from the environment once, in main.ts. */
export const ConsumerSettings = Type.Object({
  ...ServiceSettings.properties,
  ...KafkaSettings.properties,
  PORT: portSetting(5401),
  CONSUMER_GROUP: Type.String({
    pattern: '^[A-Za-z0-9._-]{1,100}$',
    description: 'the consumer group that this is a member of, 1 to 100 of A-Z a-z 0-9 . _ -',
  }),
  CONSUMER_HANDLER: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'path of a module that exports handle(tx, messages); without it the ledger of load tests is kept',
    }),
  ),
  CONSUMER_MAX_ATTEMPTS: Type.Integer({
    minimum: 1,
    maximum: 1_000,
    default: 5,
    description: 'attempts of a message whose handler fails, before it becomes a dead letter of the group',
  }),
  CONSUMER_MAX_DEAD_LETTERS: Type.Integer({
    minimum: 1,
    maximum: 10_000_000,
    default: 100_000,
    description: 'dead letters of the group, about; while there are so many, a message that fails holds its partition',
  }),
  CONSUMER_BACKOFF_FIRST_MS: Type.Integer({
    minimum: 1,
    maximum: 60_000,
    default: 100,
    description: 'the wait after a first failure, in ms; it doubles with each further one',
  }),
  CONSUMER_BACKOFF_MAX_MS: Type.Integer({
    minimum: 1,
    maximum: 600_000,
    default: 5_000,
    description: 'longest wait between attempts, in ms',
  }),
  CONSUMER_CONCURRENT_PARTITIONS: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 3,
    description: 'partitions worked on at once, each by a connection of its own',
  }),
  CONSUMER_BATCH_BYTES: Type.Integer({
    minimum: 1_024,
    maximum: 104_857_600,
    default: 1_048_576,
    description: 'bytes of one batch, which is one transaction; a larger message comes alone',
  }),
  CONSUMER_POLL_MS: Type.Integer({
    minimum: 1,
    maximum: 30_000,
    default: 500,
    description: 'how long Kafka holds a fetch while nothing is new, in ms; no message waits for it',
  }),
  CONSUMER_SESSION_TIMEOUT_MS: Type.Integer({
    minimum: 6_000,
    maximum: 300_000,
    default: 10_000,
    description: 'silence after which other members get the partitions, in ms; within what the brokers allow',
  }),
  CONSUMER_UPKEEP_MS: Type.Integer({
    minimum: 100,
    maximum: 60_000,
    default: 5_000,
    description:
      'how often it looks whether PostgreSQL and Kafka answer, how far it is behind, for dead letters and replays, in ms',
  }),
  CONSUMER_WARN_LAG_MESSAGES: Type.Integer({
    minimum: 1,
    maximum: 1_000_000_000,
    default: 100_000,
    description: 'a member that is so far behind in its partitions is worth a log line',
  }),
})
export type ConsumerSettings = Static<typeof ConsumerSettings>

/** Settings that are right one by one but don't go together. */
export function checkConsumerSettings(settings: ConsumerSettings): SettingProblem[] {
  return [
    ...checkKafkaSecurity(settings),
    ...below(settings, {
      lower: 'DATABASE_IDLE_IN_TRANSACTION_MS',
      upper: 'CONSUMER_SESSION_TIMEOUT_MS',
      why: "a member that stands still must lose its transaction's locks before it loses its partitions",
    }),
    ...below(settings, {
      lower: 'CONSUMER_CONCURRENT_PARTITIONS',
      upper: 'DATABASE_POOL_MAX',
      why: 'each partition worked on takes a connection, and the upkeep one more',
    }),
  ]
}

type Numeric = {
  [Name in keyof ConsumerSettings]: ConsumerSettings[Name] extends number ? Name : never
}[keyof ConsumerSettings]

function below(
  settings: ConsumerSettings,
  { lower, upper, why }: { lower: NonNullable<Numeric>; upper: NonNullable<Numeric>; why: string },
): SettingProblem[] {
  if (Number(settings[lower]) < Number(settings[upper])) return []
  const message = `${lower} is ${settings[lower]}, not below ${upper}, which is ${settings[upper]}: lower the one or raise the other; ${why}.`
  return [{ setting: lower, message }]
}
