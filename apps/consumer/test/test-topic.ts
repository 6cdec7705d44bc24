import { randomBytes } from 'node:crypto'
import { connectKafka } from '@outbox/kafka/connect-kafka'
import { ensureTopic } from '@outbox/kafka/ensure-topic'
import { createPublisher } from '@outbox/kafka/publisher'
import { formatPlace } from '@outbox/outbox/place'
import { inject } from 'vitest'

/** A topic of a test's own, and what a relay has to do with it. */
export type TestTopic = AsyncDisposable & {
  topic: string
  group: string
  create(): Promise<void>
  /**
   * Publishes the messages `from` to `to` of the log, by turns to the partitions, each with its place: again, when
   * they were published before. A message's value is its number, unless `valueFor` says otherwise; `more` are its key and further
   * headers.
   */
  publish(from: number, to: number, valueFor?: (id: number) => string, more?: MoreOfMessage): Promise<void>
}

type MoreOfMessage = (id: number) => { key: string; headers: Record<string, string> }

/** The topic, not yet made, with names that no other test uses. */
export function testTopic(partitions: number): TestTopic {
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const brokers = inject('kafkaBrokers').split(',')
  const kafka = connectKafka({ brokers, clientId: 'consumer-test', logger: silent })
  const publisher = createPublisher(kafka)
  const name = `consumer-${randomBytes(6).toString('hex')}`
  return {
    topic: name,
    group: name,
    async create() {
      await ensureTopic(kafka, { topic: name, partitions, create: true })
    },
    async publish(from, to, valueFor = String, more = (id) => ({ key: `key-${id % 7}`, headers: {} })) {
      const messages = Array.from({ length: to - from + 1 }, (_, index) => {
        const id = from + index
        const place = formatPlace({ log: 'abcdefabcdef', shard: id % 4, n: BigInt(id), id: BigInt(id) })
        const { key, headers } = more(id)
        const own = { 'outbox-place': place, 'outbox-message-id': '019a0000-0000-7000-8000-000000000000' }
        return {
          topic: name,
          partition: id % partitions,
          key,
          value: Buffer.from(valueFor(id)),
          headers: { ...headers, ...own },
        }
      })
      const refusal = await publisher.publish(messages)
      if (refusal) throw new Error(refusal.reason)
    },
    [Symbol.asyncDispose]: () => publisher.close(),
  }
}
