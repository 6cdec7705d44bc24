import kafkajs, { type Admin } from 'kafkajs'
import type { KafkaConnection } from './connect-kafka.ts'
import { rootCause } from './kafka-error.ts'
import { withAdmin } from './with-admin.ts'

/** What a topic is like; `replicas` are those of the partition that has the fewest. */
export type DescribedTopic = {
  partitions: number
  replicas: number
  cleanupPolicy: string
  maxMessageBytes: number
  minInSyncReplicas: number
}

/** @returns by topic, without those that don't exist */
export function describeTopics(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<Map<string, DescribedTopic>> {
  return withAdmin(connection, async (admin) => {
    const described = new Map<string, DescribedTopic>()
    for (const topic of topics) {
      const found = await describeTopic(admin, topic)
      if (found) described.set(topic, found)
    }
    return described
  })
}

async function describeTopic(admin: Admin, topic: string): Promise<DescribedTopic | undefined> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const partitions = topics.find(({ name }) => name === topic)?.partitions ?? []
    const setting = await readSettings(admin, topic)
    return {
      partitions: partitions.length,
      replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      cleanupPolicy: setting('cleanup.policy'),
      maxMessageBytes: Number(setting('max.message.bytes')),
      minInSyncReplicas: Number(setting('min.insync.replicas')),
    }
  } catch (error) {
    if (rootCause(error).kafkaCode === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined
    throw error
  }
}

async function readSettings(admin: Admin, topic: string): Promise<(name: string) => string> {
  const configNames = ['cleanup.policy', 'max.message.bytes', 'min.insync.replicas']
  const { resources } = await admin.describeConfigs({
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames }],
    includeSynonyms: false,
  })
  const entries = resources[0]?.configEntries ?? []
  return (name) => entries.find(({ configName }) => configName === name)?.configValue ?? ''
}
