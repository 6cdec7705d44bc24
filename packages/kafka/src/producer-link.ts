import type { PartitionerArgs, Producer, RecordMetadata } from 'kafkajs'
import type { Fault } from './confirm-in-order.ts'
import type { KafkaConnection } from './connect-kafka.ts'
import { kafkaClient } from './kafka-client.ts'
import { rootCause } from './kafka-error.ts'
import type { ProduceRequest } from './produce-request.ts'

/**
 * What Kafka, or the encoding, says of messages that it would refuse again however often they are sent. INVALID_TIMESTAMP is
 * none of them: the time is that of sending, so this machine's clock is at fault, and no message must suffer for it.
 */
const messageFaults = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'ERR_INVALID_ARG_TYPE'])

/** Node's own words quote the value that it can't use. */
const reasons: Record<string, string> = {
  ERR_INVALID_ARG_TYPE: 'a header, the key or the value is neither text nor bytes',
}

/**
 * Sends one request at a time, one attempt each. After an error the next request gets a connection and metadata of its own:
 * on the old connection it might wait behind what never gets through, and kafkajs asks for a topic for ever once it was sent to.
 *
 * The producer is not idempotent: kafkajs rolls a partition's sequence back when a request is refused although that
 * partition was written, and then loses what comes next.
 */
export class ProducerLink {
  readonly #connection: KafkaConnection
  readonly #requestTimeoutMs: number
  #producer: Producer | undefined
  #begun = false

  constructor(connection: KafkaConnection, requestTimeoutMs: number) {
    this.#connection = connection
    this.#requestTimeoutMs = requestTimeoutMs
  }

  /** Whether something of the last request may have reached Kafka. */
  get begun(): boolean {
    return this.#begun
  }

  async connect(): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer
    const producer = this.#createProducer()
    await producer.connect()
    this.#producer = producer
    return producer
  }

  /**
   * @returns undefined when each batch of the request is confirmed, else what Kafka holds against one of its messages
   * @throws kafkajs' error when it isn't a message's fault
   */
  async send(request: ProduceRequest): Promise<Fault | undefined> {
    this.#begun = false
    try {
      const producer = await this.connect()
      const topicMessages = Array.from(request.byTopic, ([topic, messages]) => ({ topic, messages }))
      const answers = await producer.sendBatch({ acks: -1, timeout: this.#requestTimeoutMs, topicMessages })
      checkAnswers(request, answers)
      return undefined
    } catch (error) {
      const { error: cause, kafkaCode } = rootCause(error)
      if (messageFaults.has(kafkaCode)) return { code: kafkaCode, reason: reasons[kafkaCode] ?? cause.message }
      this.close().catch(() => {})
      throw error
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.disconnect()
  }

  #createProducer(): Producer {
    const client = kafkaClient(this.#connection, {
      retries: this.#connection.brokers.length,
      requestTimeoutMs: this.#requestTimeoutMs,
    })
    return client.producer({
      allowAutoTopicCreation: false,
      retry: { retries: 0 },
      createPartitioner: () => (message) => this.#partitionOf(message),
    })
  }

  /** kafkajs drops what goes to a partition that it doesn't know, and resolves. It asks for each message before it sends any. */
  #partitionOf({ topic, message: { partition = -1 }, partitionMetadata }: PartitionerArgs): number {
    this.#begun = partition >= 0 && partition < partitionMetadata.length
    if (this.#begun) return partition
    throw noSuchPartition({ topic, partition })
  }
}

/** Each batch must be answered for: kafkajs also resolves when an answer leaves one out. */
function checkAnswers({ batches }: ProduceRequest, answers: readonly RecordMetadata[]): void {
  for (const { topic, partition } of batches) {
    const confirmed = answers.some(
      (answer) => answer.partition === partition && answer.topicName === topic && answer.errorCode === 0,
    )
    if (!confirmed) throw noSuchPartition({ topic, partition })
  }
}

function noSuchPartition({ topic, partition }: { topic: string; partition: number }): Error {
  const type = 'UNKNOWN_TOPIC_OR_PARTITION'
  return Object.assign(new Error(`topic "${topic}" has no partition ${partition}`), { type })
}
