import type { Admin } from 'kafkajs'
import type { KafkaConnection } from './connect-kafka.ts'
import { rootCause } from './kafka-error.ts'
import { withAdmin } from './with-admin.ts'

/**
 * How many partitions each topic has now.
 * @returns without the topics that don't exist
 * @throws kafkajs' error when no broker answers or a topic may not be described
 */
export function countPartitions(connection: KafkaConnection, topics: readonly string[]): Promise<Map<string, number>> {
  return withAdmin(connection, async (admin) => {
    const counts = new Map<string, number>()
    for (const topic of topics) {
      const count = await countTopicPartitions(admin, topic)
      if (count !== undefined) counts.set(topic, count)
    }
    return counts
  })
}

/** One topic a request: kafkajs fails a request as a whole, without naming the topic, when one of its topics is missing. */
export async function countTopicPartitions(admin: Admin, topic: string): Promise<number | undefined> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics.find(({ name }) => name === topic)?.partitions.length
  } catch (error) {
    if (rootCause(error).kafkaCode === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined
    throw error
  }
}
