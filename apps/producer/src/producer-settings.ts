import { TopicsSetting } from '@outbox/service/kafka-settings'
import type { SettingProblem } from '@outbox/service/read-settings'
import { portSetting, ServiceSettings } from '@outbox/service/service-settings'
import { type Static, Type } from 'typebox'

/** What the producer needs to run. Read from the environment once, in main.ts. */
export const ProducerSettings = Type.Object({
  ...ServiceSettings.properties,
  PORT: portSetting(5301),
  TOPICS: TopicsSetting,
  PRODUCER_MAX_BATCH: Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000, description: 'messages a request' }),
  PRODUCER_MAX_BODY_BYTES: Type.Integer({
    minimum: 1_024,
    maximum: 268_435_456,
    default: 8_388_608,
    description: 'bytes of a request body',
  }),
  PRODUCER_MAX_PAYLOAD_BYTES: Type.Integer({
    minimum: 1,
    maximum: 104_857_600,
    default: 900_000,
    description: "bytes of a payload; with key and headers it must stay below the topic's max.message.bytes",
  }),
  PRODUCER_MAX_IN_FLIGHT: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    default: 100,
    description: 'requests worked on at once; those beyond are answered 503',
  }),
  PRODUCER_MAX_IN_FLIGHT_BYTES: Type.Integer({
    minimum: 1_024,
    maximum: 4_294_967_296,
    default: 67_108_864,
    description: 'bytes of the bodies of all requests worked on at once; those beyond are answered 503',
  }),
  PRODUCER_REQUEST_TIMEOUT_MS: Type.Integer({
    minimum: 100,
    maximum: 600_000,
    default: 10_000,
    description: 'how long a request may take to arrive',
  }),
  PRODUCER_DRAIN_MS: Type.Integer({
    minimum: 0,
    maximum: 60_000,
    default: 500,
    description: 'how long it goes on accepting once it is asked to stop, so that clients and balancers notice',
  }),
  PRODUCER_UPKEEP_MS: Type.Integer({
    minimum: 100,
    maximum: 60_000,
    default: 2_000,
    description: 'how often it looks after the database: whether it answers, whether partitions must be made',
  }),
})
export type ProducerSettings = Static<typeof ProducerSettings>

/** Limits that contradict each other. */
export function checkProducerSettings(settings: ProducerSettings): SettingProblem[] {
  return [
    ...notAbove(settings, 'PRODUCER_MAX_PAYLOAD_BYTES', 'PRODUCER_MAX_BODY_BYTES'),
    ...notAbove(settings, 'PRODUCER_MAX_BODY_BYTES', 'PRODUCER_MAX_IN_FLIGHT_BYTES'),
    ...notAbove(settings, 'PRODUCER_DRAIN_MS', 'STOP_TIMEOUT_MS'),
  ]
}

type Limit = {
  [Name in keyof ProducerSettings]: ProducerSettings[Name] extends number ? Name : never
}[keyof ProducerSettings]

function notAbove(settings: ProducerSettings, lower: NonNullable<Limit>, upper: NonNullable<Limit>): SettingProblem[] {
  if (Number(settings[lower]) <= Number(settings[upper])) return []
  const message = `${lower} is ${settings[lower]}, above ${upper}, which is ${settings[upper]}: lower the one or raise the other.`
  return [{ setting: lower, message }]
}
