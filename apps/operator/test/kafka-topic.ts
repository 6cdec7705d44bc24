import { randomBytes } from 'node:crypto'
import { connectKafka } from '@outbox/kafka/connect-kafka'
import { createPublisher } from '@outbox/kafka/publisher'
import { Kafka, logLevel } from 'kafkajs'
import { pino } from 'pino'
import { inject, vi } from 'vitest'

/** Where the run's Kafka is. */
export function testKafka() {
  const logger = pino({ level: 'silent' })
  return connectKafka({ brokers: inject('kafkaBrokers').split(','), clientId: 'test', logger })
}

/** Makes a topic of a test's own, by the administrator's means. @returns its name */
export async function freshTopic({
  partitions = 1,
  settings = {},
}: {
  partitions?: number
  settings?: Record<string, string>
}): Promise<string> {
  const topic = `test-${randomBytes(6).toString('hex')}`
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  const admin = new Kafka({ brokers: inject('kafkaBrokers').split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: false })
  // kafkajs waits for leaders too, but gives up where the topic isn't known everywhere yet.
  await vi.waitFor(() => admin.fetchTopicOffsets(topic), { timeout: 20_000, interval: 50 })
  await admin.disconnect()
  return topic
}

/** Publishes `count` messages without a place. */
export async function publishTo(topic: string, { partition, count }: { partition: number; count: number }) {
  const publisher = createPublisher(testKafka())
  const message = { topic, partition, key: null, value: Buffer.from('a message'), headers: {} }
  await publisher.publish(Array.from({ length: count }, () => message))
  await publisher.close()
}
