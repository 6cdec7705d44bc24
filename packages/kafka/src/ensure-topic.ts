import kafkajs, { type Admin } from 'kafkajs'
import type { KafkaConnection } from './connect-kafka.ts'
import { countTopicPartitions } from './count-partitions.ts'
import { rootCause } from './kafka-error.ts'
import { withAdmin } from './with-admin.ts'

/** A topic that can't be used; `retriable` when someone may mend it while we wait. */
export class TopicError extends Error {
  readonly code: 'OUTBOX_TOPIC_MISSING' | 'OUTBOX_TOPIC_COMPACTED' | 'OUTBOX_TOPIC_NOT_AUTHORIZED'
  readonly retriable: boolean
  /** waiting doesn't help */
  readonly operatorNeeded: boolean
  readonly topic: string

  constructor(code: TopicError['code'], topic: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'TopicError'
    this.code = code
    this.topic = topic
    this.retriable = code !== 'OUTBOX_TOPIC_COMPACTED'
    this.operatorNeeded = !this.retriable
  }
}

/**
 * Makes sure that a topic is there and can carry the outbox. Safe to run in several processes at once.
 * A topic that exists keeps its partitions, whatever `partitions` says.
 * @param options.partitions how many a new topic gets
 * @param options.create whether a missing topic is made
 * @returns how many partitions the topic has, and whether it was made now
 * @throws {TopicError} when it is missing and may not be made, is compacted, or may not be read
 */
export function ensureTopic(
  connection: KafkaConnection,
  { topic, partitions, create }: { topic: string; partitions: number; create: boolean },
): Promise<{ partitions: number; created: boolean }> {
  return withAdmin(connection, async (admin) => {
    try {
      let count = await countTopicPartitions(admin, topic)
      const created =
        count === undefined && create
          ? await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true })
          : false
      if (created) return { partitions, created }
      count ??= await countTopicPartitions(admin, topic)
      if (count === undefined) throw missing(topic)
      await refuseCompacted(admin, topic)
      return { partitions: count, created }
    } catch (error) {
      const { kafkaCode } = rootCause(error)
      if (!kafkaCode.endsWith('AUTHORIZATION_FAILED')) throw error
      const message = `topic "${topic}": not authorized (${kafkaCode}); allow this client to describe it and its settings`
      throw new TopicError('OUTBOX_TOPIC_NOT_AUTHORIZED', topic, message, error)
    }
  })
}

function missing(topic: string): TopicError {
  return new TopicError(
    'OUTBOX_TOPIC_MISSING',
    topic,
    `topic "${topic}" does not exist; create it, or allow creating it`,
  )
}

/** A paused relay that wakes up may put an old value of a key behind a newer one, and compaction would keep that one. */
async function refuseCompacted(admin: Admin, topic: string): Promise<void> {
  const name = 'cleanup.policy'
  const { resources } = await admin.describeConfigs({
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }],
    includeSynonyms: false,
  })
  const policy = resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue
  if (!policy?.split(',').includes('compact')) return
  const message = `topic "${topic}" has ${name}=${policy}: compaction may keep an old value; set ${name}=delete or use another topic`
  throw new TopicError('OUTBOX_TOPIC_COMPACTED', topic, message)
}
