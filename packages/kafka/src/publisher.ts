import type { PartitionerArgs, Producer, RecordMetadata } from 'kafkajs'
import { confirmInOrder, type Fault, type Refusal } from './confirm-in-order.ts'
import type { KafkaConnection } from './connect-kafka.ts'
import { kafkaClient } from './kafka-client.ts'
import { rootCause } from './kafka-error.ts'
import type { OutgoingMessage, ProduceRequest, RequestLimits } from './produce-request.ts'

export type { Refusal } from './confirm-in-order.ts'
export type { OutgoingMessage } from './produce-request.ts'

export type PublisherOptions = Partial<RequestLimits> & {
  /** for Kafka's answer to a request; the connection's by default */
  requestTimeoutMs?: number
}

export type Publisher = {
  /**
   * Connects now; else the first `publish` does.
   * @throws {PublishError} when no broker answers
   */
  connect(): Promise<void>
  /**
   * Sends messages in their order, one request in flight, and waits until all in-sync replicas have them. One call at a time.
   * @returns undefined when all are confirmed, else the first message that Kafka refuses
   * @throws {PublishError} for what isn't a message's fault
   */
  publish(messages: readonly OutgoingMessage[]): Promise<Refusal | undefined>
  /** Waits for the answer to a request in flight, then disconnects. */
  close(): Promise<void>
}

/** What Kafka, or the encoding, says of messages that it would refuse again however often they are sent. */
const messageFaults = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'ERR_INVALID_ARG_TYPE'])

/**
 * Publishes messages to the partitions that they name: plain sends, `acks=all`, one attempt each. Not idempotent: kafkajs
 * rolls a partition's sequence back when a request is refused although that partition was written, and loses what comes next.
 */
export function createPublisher(connection: KafkaConnection, options: PublisherOptions = {}): Publisher {
  const { requestTimeoutMs = connection.requestTimeoutMs, ...given } = options
  const limits: RequestLimits = {
    maxRequestBytes: 4_194_304,
    maxBatchBytes: 900_000,
    maxBatchMessages: 1_000,
    ...given,
  }
  const attempt = { begun: false }
  const producer = kafkaClient(connection, { retries: 0, requestTimeoutMs }).producer({
    allowAutoTopicCreation: false,
    createPartitioner: () => explicitPartition(attempt),
  })
  let connected = false
  let publishing = false

  async function connect(): Promise<void> {
    if (connected) return
    await producer.connect()
    connected = true
  }

  async function disconnect(): Promise<void> {
    connected = false
    await producer.disconnect()
  }

  async function publishOnce(messages: readonly OutgoingMessage[]): Promise<Refusal | undefined> {
    const topics = new Set<string>()
    let unanswered = false
    try {
      await connect()
      return await confirmInOrder(messages, limits, async (request) => {
        attempt.begun = false
        for (const topic of request.byTopic.keys()) topics.add(topic)
        const fault = await send(producer, request, requestTimeoutMs).finally(() => {
          unanswered ||= attempt.begun
        })
        return fault
      })
    } catch (error) {
      // The next attempt takes a new connection: on this one it would wait behind what may never get through.
      if (rootCause(error).kafkaCode === 'KafkaJSRequestTimeoutError') await disconnect()
      throw new PublishError(error, { unanswered, topics: [...topics] })
    }
  }

  return {
    async connect() {
      await connect().catch((error: unknown) => {
        throw new PublishError(error, { unanswered: false, topics: [] })
      })
    },
    async publish(messages) {
      if (publishing) throw new Error('publish() was called before the call before it had settled')
      publishing = true
      return publishOnce(messages).finally(() => {
        publishing = false
      })
    },
    close: disconnect,
  }
}

/** Not sent, or not confirmed, for a reason that isn't a message's fault: the same messages may be sent again. */
export class PublishError extends Error {
  readonly code = 'OUTBOX_PUBLISH_FAILED'
  readonly retriable = true
  /** whether messages of this call may be in the topic although it failed */
  readonly unanswered: boolean
  /** Kafka's name for what happened, such as `NOT_ENOUGH_REPLICAS`; else kafkajs' or Node's */
  readonly kafkaCode: string
  /** the topic that was sent to, if it was one only */
  readonly topic: string | undefined

  constructor(cause: unknown, { unanswered, topics }: { unanswered: boolean; topics: readonly string[] }) {
    const { error, kafkaCode } = rootCause(cause)
    super(`Kafka confirmed nothing${topics.map((topic) => ` for "${topic}"`)}: ${error.message} (${kafkaCode})`, {
      cause,
    })
    this.name = 'PublishError'
    this.unanswered = unanswered
    this.kafkaCode = kafkaCode
    this.topic = topics.length === 1 ? topics[0] : undefined
  }
}

async function send(producer: Producer, request: ProduceRequest, timeout: number): Promise<Fault | undefined> {
  try {
    const topicMessages = Array.from(request.byTopic, ([topic, messages]) => ({ topic, messages }))
    checkAnswer(request, await producer.sendBatch({ acks: -1, timeout, topicMessages }))
    return undefined
  } catch (error) {
    const { error: cause, kafkaCode } = rootCause(error)
    if (messageFaults.has(kafkaCode)) return { code: kafkaCode, reason: cause.message }
    throw error
  }
}

/**
 * kafkajs drops what goes to a partition that it doesn't know, and resolves; failing instead makes it refresh its metadata.
 * It asks for each message, before it sends anything.
 */
function explicitPartition(attempt: { begun: boolean }) {
  return ({ topic, message, partitionMetadata }: PartitionerArgs): number => {
    const { partition = -1 } = message
    attempt.begun = partition >= 0 && partition < partitionMetadata.length
    if (attempt.begun) return partition
    throw noSuchPartition({ topic, partition })
  }
}

/** Each batch must be answered for: kafkajs also resolves when Kafka leaves one out. */
function checkAnswer({ batches }: ProduceRequest, answers: readonly RecordMetadata[]): void {
  const written = new Set(
    answers.filter(({ errorCode }) => errorCode === 0).map(({ topicName, partition }) => `${topicName}/${partition}`),
  )
  const missing = batches.find(({ topic, partition }) => !written.has(`${topic}/${partition}`))
  if (missing !== undefined) throw noSuchPartition(missing)
}

function noSuchPartition({ topic, partition }: { topic: string; partition: number }): Error {
  return Object.assign(new Error(`topic "${topic}" has no partition ${partition}`), {
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
  })
}
