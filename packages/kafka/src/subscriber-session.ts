import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs'
import { Assignment, type TopicPartition } from './assignment.ts'
import type { KafkaConnection } from './connect-kafka.ts'
import { kafkaClient } from './kafka-client.ts'
import { readLogBounds } from './log-bounds.ts'
import { OffsetCommits } from './offset-commits.ts'
import type { SubscriberBounds, SubscriberOptions } from './subscriber.ts'
import { takeBatch } from './take-batch.ts'

export type SessionOptions = Omit<SubscriberOptions, 'bounds'> & { bounds: SubscriberBounds; onJoined: () => void }

/**
 * One member's life in the group: from joining it until `signal` aborts, and then in good order, or until kafkajs gives up.
 * @throws what made kafkajs give up
 */
export async function subscriberSession(connection: KafkaConnection, options: SessionOptions): Promise<void> {
  const { bounds, signal, startAt, onBatch, onStopped = () => {} } = options
  const { logger } = connection
  const consumer = createConsumer(connection, options)
  const commits = new OffsetCommits(consumer, { logger, intervalMs: bounds.commitIntervalMs })
  const readBounds = (topics: readonly string[]) => readLogBounds(connection, topics)
  const over = Promise.withResolvers<void>()
  const deadline = new AbortController()
  const inHand = new Set<Promise<void>>()
  let assignment = new Assignment([], { consumer, commits, logger, startAt, readBounds })

  consumer.on(consumer.events.CRASH, ({ payload }) => over.reject(payload.error))
  consumer.on(consumer.events.GROUP_JOIN, (event) => {
    assignment.end()
    assignment = new Assignment(assignedPartitions(event), { consumer, commits, logger, startAt, readBounds })
    options.onJoined()
    options.onAssignment?.(assignment.partitions)
  })
  const eachBatch = async (payload: EachBatchPayload) => {
    if (signal.aborted) return
    const parts = { ...bounds, assignment, commits, logger, deadline: deadline.signal, readBounds, onBatch, onStopped }
    const taken = takeBatch(payload, parts).finally(() => inHand.delete(taken))
    inHand.add(taken)
    await taken
  }

  const joined = join(consumer, options, eachBatch)
  joined.catch(over.reject)
  const stop = () => over.resolve()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    await over.promise
    const late = pause(bounds.stopGraceMs).then(() =>
      deadline.abort(new Error('the time to stop in good order is over')),
    )
    await Promise.race([joined, late])
    assignment.pause()
    await Promise.race([Promise.allSettled(inHand), late])
    await commits.flush()
  } finally {
    signal.removeEventListener('abort', stop)
    assignment.end()
    commits.clear()
    // With a broker that is down, kafkajs would only be done once it is back.
    await Promise.race([consumer.disconnect(), pause(bounds.stopGraceMs)])
    // A member that was still joining when it was told to leave would stay.
    joined.then(() => consumer.disconnect()).catch(() => {})
  }
}

/** A pause that keeps no process alive. */
function pause(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false })
}

function createConsumer(connection: KafkaConnection, { group, bounds }: SessionOptions): Consumer {
  return kafkaClient(connection, { retries: bounds.reconnectAttempts }).consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    sessionTimeout: bounds.sessionTimeoutMs,
    rebalanceTimeout: bounds.rebalanceTimeoutMs,
    heartbeatInterval: bounds.heartbeatMs,
    maxBytes: bounds.maxBytes,
    maxBytesPerPartition: bounds.maxBytesPerPartition,
    maxWaitTimeInMs: bounds.maxWaitMs,
    metadataMaxAge: bounds.metadataMaxAgeMs,
    retry: { retries: bounds.reconnectAttempts, restartOnFailure: async () => false },
  })
}

/** `fromBeginning` matters although we seek: without it kafkajs skips the first messages of a partition that is added later. */
async function join(
  consumer: Consumer,
  { topics, bounds }: SessionOptions,
  eachBatch: (payload: EachBatchPayload) => Promise<void>,
): Promise<void> {
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: bounds.concurrentPartitions,
    eachBatch,
  })
}

function assignedPartitions({ payload }: ConsumerGroupJoinEvent): TopicPartition[] {
  return Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  )
}
