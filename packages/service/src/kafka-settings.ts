import { type Static, Type } from 'typebox'
import { KafkaSecuritySettings } from './kafka-security-settings.ts'

/** One setting for producers, relays and consumers alike: a message of any other topic is refused. */
export const TopicsSetting = Type.Array(
  Type.String({
    pattern: '^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}$',
    description: 'a topic name, 1 to 249 of A-Z a-z 0-9 . _ -',
  }),
  { minItems: 1, maxItems: 1_000, uniqueItems: true, default: ['shared-events'], description: 'the allowed topics' },
)

/** What whoever talks to Kafka needs besides. */
export const KafkaSettings = Type.Object({
  KAFKA_BROKERS: Type.Array(
    Type.String({ pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[^\\s:/,]+):[0-9]{1,5}$', description: 'a broker as host:port' }),
    {
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      description: 'brokers to begin with; the others are found through them',
    },
  ),
  TOPICS: TopicsSetting,
  ...KafkaSecuritySettings.properties,
})
export type KafkaSettings = Static<typeof KafkaSettings>
