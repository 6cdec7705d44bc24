import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { inject } from 'vitest'

/** A topic's settings by Kafka's names. */
export type TopicConfig = Record<string, string>

export const createTopic = (topic: string, numPartitions: number, config: TopicConfig = {}) =>
  asAdministrator((admin) =>
    admin.createTopics({ topics: [{ topic, numPartitions, configEntries: entries(config) }], waitForLeaders: true }),
  )

export const addPartitions = (topic: string, count: number) =>
  asAdministrator((admin) => admin.createPartitions({ topicPartitions: [{ topic, count }] }))

/** What isn't named goes back to its default. */
export const configureTopic = (topic: string, config: TopicConfig) =>
  asAdministrator((admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: entries(config) }],
    }),
  )

function entries(config: TopicConfig): { name: string; value: string }[] {
  return Object.entries(config).map(([name, value]) => ({ name, value }))
}

async function asAdministrator<Result>(use: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = new Kafka({ brokers: inject('kafkaBrokers').split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}
