import { BatchSize } from './batch-size.ts'
import { confirmInOrder, type Refusal } from './confirm-in-order.ts'
import type { KafkaConnection } from './connect-kafka.ts'
import { rootCause } from './kafka-error.ts'
import type { OutgoingMessage, RequestLimits } from './produce-request.ts'
import { ProducerLink } from './producer-link.ts'

export type { Refusal } from './confirm-in-order.ts'
export type { OutgoingMessage, RequestLimits } from './produce-request.ts'

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

const defaultLimits: RequestLimits = { maxRequestBytes: 4_194_304, maxBatchBytes: 900_000, maxBatchMessages: 1_000 }

const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/** Publishes messages to the partitions that they name: plain sends, `acks=all`, one attempt each. */
export function createPublisher(connection: KafkaConnection, options: PublisherOptions = {}): Publisher {
  const { requestTimeoutMs = connection.requestTimeoutMs, ...limits } = options
  const link = new ProducerLink(connection, requestTimeoutMs)
  const bounds = { ...defaultLimits, ...limits }
  const batchSize = new BatchSize(bounds.maxBatchBytes)
  let publishing = false

  async function publish(messages: readonly OutgoingMessage[]): Promise<Refusal | undefined> {
    let topics: string[] = []
    let unanswered = false
    try {
      const limitsNow = () => ({ ...bounds, maxBatchBytes: batchSize.bytes })
      return await confirmInOrder(messages, limitsNow, async (request) => {
        topics = [...request.byTopic.keys()]
        const fault = await link.send(request).finally(() => {
          unanswered ||= link.begun
        })
        if (!fault) batchSize.taken(request)
        else if (tooLarge.has(fault.code)) batchSize.refused(request)
        return fault
      })
    } catch (error) {
      throw new PublishError(error, { unanswered, topics })
    }
  }

  return {
    async connect() {
      await link.connect().catch((error: unknown) => {
        throw new PublishError(error, { unanswered: false, topics: [] })
      })
    },
    async publish(messages) {
      if (publishing) throw new Error('publish() was called before the call before it had settled')
      publishing = true
      return publish(messages).finally(() => {
        publishing = false
      })
    },
    close: () => link.close(),
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
    const to = topics.length > 0 ? ` for ${topics.join(', ')}` : ''
    super(`Kafka did not confirm messages${to}: ${error.message} (${kafkaCode})`, { cause })
    this.name = 'PublishError'
    this.unanswered = unanswered
    this.kafkaCode = kafkaCode
    this.topic = topics.length === 1 ? topics[0] : undefined
  }
}
