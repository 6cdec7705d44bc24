import { randomBytes } from 'node:crypto'
import type {} from '@outbox/local-stack/test-services'
import type { Admin } from 'kafkajs'
import { inject } from 'vitest'
import { connectKafka, type KafkaConnection, type KafkaSecurity } from '../src/connect-kafka.ts'
import type { OutgoingMessage } from '../src/produce-request.ts'
import { createPublisher } from '../src/publisher.ts'
import { withAdmin } from '../src/with-admin.ts'

export type LogLine = { level: string; message: string; fields: Record<string, unknown> }

/** A connection to the run's Kafka, or to `brokers`, that keeps what is logged. */
export function testConnection(
  brokers: string = inject('kafkaBrokers'),
  security: KafkaSecurity = {},
): KafkaConnection & { logged: LogLine[] } {
  const logged: LogLine[] = []
  const log = (level: string) => (fields: object, message: string) => {
    logged.push({ level, message, fields: { ...fields } })
  }
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  const at = { brokers: brokers.split(','), clientId: 'test', logger, requestTimeoutMs: 5_000 }
  return { ...connectKafka({ ...at, security }), logged }
}

/** Makes a topic of a test's own and returns its name. */
export async function freshTopic(
  connection: KafkaConnection,
  { partitions = 1, settings = {} }: { partitions?: number; settings?: Record<string, string> } = {},
): Promise<string> {
  const topic = uniqueName()
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  await admin(connection, (to) =>
    to.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: true }),
  )
  return topic
}

export function uniqueName(): string {
  return `test-${randomBytes(6).toString('hex')}`
}

export const admin = <Result>(connection: KafkaConnection, use: (admin: Admin) => Promise<Result>) =>
  withAdmin(connection, use)

/** A message of `bytes` bytes that says its name first. */
export function outgoing(topic: string, name: string, { partition = 0, bytes = 0 } = {}): OutgoingMessage {
  return { topic, partition, key: name, value: Buffer.from(name.padEnd(bytes, '.')), headers: { name } }
}

/** Publishes one message for each character of `names`. */
export async function publishNames(
  connection: KafkaConnection,
  topic: string,
  names: string,
  partition = 0,
): Promise<void> {
  const publisher = createPublisher(connection)
  await publisher.publish([...names].map((name) => outgoing(topic, name, { partition })))
  await publisher.close()
}
