import { partitionFor } from '@outbox/kafka/partition-for'
import { formatUuid, makeMessageIds } from '@outbox/outbox/message-id'
import patched, { type Message } from 'kafkajs'
import released from 'kafkajs-released'
import { benchMessage } from './bench-message.ts'
import { partitionCount } from './bench-topic.ts'
import { say, takeOrder } from './own-program.ts'
import { rawKafka } from './raw-kafka.ts'

/** What to produce, how many messages at once, and by which kafkajs: as npm has it, or with the patch of this project. */
export type ProduceOrder = {
  brokers: string
  topic: string
  messages: number
  windowMessages: number
  kafkajs: 'released' | 'patched'
}

/** From the first window's confirmation to the last one's. */
export type ProduceResult = { messages: number; seconds: number; cpuSeconds: number }

/** Windows made beforehand and sent again and again: making them is no part of the ceiling. */
const windowCount = 16

/** The ceiling of the relay: kafkajs alone, confirmed window after confirmed window, of messages that are there already. */
const { brokers, topic, messages, windowMessages, kafkajs } = takeOrder<ProduceOrder>()
const windows = Array.from({ length: windowCount }, (_, number) => makeWindow(number * windowMessages))
const producer = rawKafka(brokers, kafkajs === 'released' ? released : patched).producer({
  allowAutoTopicCreation: false,
})
await producer.connect()
await sendWindow(0)

const cpuBefore = process.cpuUsage()
const startedMs = performance.now()
let sent = 0
for (let window = 1; sent < messages; window++, sent += windowMessages) await sendWindow(window)
const seconds = (performance.now() - startedMs) / 1_000
const { user, system } = process.cpuUsage(cpuBefore)
await producer.disconnect()
await say({ messages: sent, seconds, cpuSeconds: (user + system) / 1e6 } satisfies ProduceResult)
process.exit(0)

async function sendWindow(number: number): Promise<void> {
  await producer.send({ topic, acks: -1, messages: windows[number % windowCount] ?? [] })
}

/** As the relay would send them: partition, key, value, and its two headers. */
function makeWindow(first: number): Message[] {
  const ids = makeMessageIds(windowMessages, Date.now())
  return Array.from({ length: windowMessages }, (_, index) => {
    const { key, payload } = benchMessage(topic, first + index)
    const headers = {
      'outbox-place': `0123456789ab/${index % 16}/${Date.now()}.${first + index}`,
      'outbox-message-id': formatUuid(ids, index * 16),
    }
    return { partition: partitionFor(key, partitionCount), key, value: Buffer.from(payload), headers }
  })
}
