import type { TopicPartition } from './assignment.ts'
import { backOff } from './back-off.ts'
import type { KafkaConnection } from './connect-kafka.ts'
import { rootCause } from './kafka-error.ts'
import type { ReceivedBatch } from './received-batch.ts'
import { subscriberSession } from './subscriber-session.ts'

export type { TopicPartition } from './assignment.ts'
export type { ReceivedBatch, ReceivedMessage } from './received-batch.ts'

export type SubscriberBounds = {
  /** partitions whose batches are worked on at once */
  concurrentPartitions: number
  /** bytes of one answer to a fetch: what is held in memory */
  maxBytes: number
  /** bytes of one batch; a larger message comes alone */
  maxBytesPerPartition: number
  /** how long Kafka holds a fetch while nothing is new; the longest that stopping waits for an idle member */
  maxWaitMs: number
  /** silence after which the group gives a member's partitions away */
  sessionTimeoutMs: number
  /** how long a rebalance waits for members to finish their batches */
  rebalanceTimeoutMs: number
  heartbeatMs: number
  /**
   * attempts, up to a second apart, to reach a cluster that is down as the same member. One that joins anew, as it must where
   * kafkajs crashes, waits until its former self is timed out.
   */
  reconnectAttempts: number
  /** how soon added partitions are noticed */
  metadataMaxAgeMs: number
  /** between commits to Kafka */
  commitIntervalMs: number
  /** for the batch in hand to be finished when stopping */
  stopGraceMs: number
}

export type SubscriberOptions = {
  group: string
  topics: readonly string[]
  /** Where to go on in a partition that was just assigned; undefined = at the start of its log. Tried again when it rejects. */
  startAt: (topic: string, partition: number) => Promise<bigint | undefined>
  /**
   * Applies a batch; one at a time a partition. The next batch of the partition starts at `nextOffset`.
   * When it rejects with an error that has `stopsPartition === true`, the partition stands still until it is assigned anew;
   * with another error the batch is tried again after a back-off. Other partitions go on.
   */
  onBatch: (batch: ReceivedBatch) => Promise<{ nextOffset: bigint }>
  onStopped?: (stop: TopicPartition & { error: Error }) => void
  onAssignment?: (partitions: readonly TopicPartition[]) => void
  /** Aborting stops in good order: the batch in hand is finished, offsets are committed, the group is left. */
  signal: AbortSignal
  bounds?: Partial<SubscriberBounds>
}

/** The subscriber can't go on: restart the process, or mend what `message` says. */
export class SubscriberError extends Error {
  readonly code = 'OUTBOX_SUBSCRIBER_FAILED'
  readonly retriable = false

  constructor(group: string, cause: unknown) {
    const { error, kafkaCode } = rootCause(cause)
    super(`group "${group}" can no longer read from Kafka: ${error.message} (${kafkaCode})`, { cause })
    this.name = 'SubscriberError'
  }
}

const defaultBounds: SubscriberBounds = {
  concurrentPartitions: 3,
  maxBytes: 4_194_304,
  maxBytesPerPartition: 1_048_576,
  maxWaitMs: 500,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 30_000,
  heartbeatMs: 1_000,
  reconnectAttempts: 300,
  metadataMaxAgeMs: 5_000,
  commitIntervalMs: 1_000,
  stopGraceMs: 5_000,
}

/**
 * Is one member of a consumer group until `signal` aborts. Kafka's own offsets are never read: each assignment starts where
 * `startAt` says. Broker-wide failures are waited out.
 * @throws {SubscriberError} when kafkajs has crashed for a reason that waiting doesn't cure
 */
export async function runSubscriber(connection: KafkaConnection, options: SubscriberOptions): Promise<void> {
  const { group, signal } = options
  const bounds = { ...defaultBounds, ...options.bounds }
  let failures = 0
  const onJoined = () => {
    failures = 0
  }
  while (!signal.aborted) {
    try {
      await subscriberSession(connection, { ...options, bounds, onJoined })
    } catch (error) {
      if (!isPassing(error)) throw new SubscriberError(group, error)
      failures += 1
      connection.logger.warn({ err: error, group, failures }, 'the group was left and will be joined again')
      await backOff(failures, signal)
    }
  }
}

/** kafkajs marks a coordinator that isn't there yet, and a broker that takes too long to connect to, as final. */
function isPassing(error: unknown): boolean {
  const { error: root } = rootCause(error)
  if (root.name === 'KafkaJSGroupCoordinatorNotFound' || root.name === 'KafkaJSLockTimeout') return true
  return 'retriable' in root && root.retriable === true
}
