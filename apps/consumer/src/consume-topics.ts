import { type Applied, applyOnce } from '@outbox/inbox/apply-once'
import { PartitionStoppedError } from '@outbox/inbox/partition-stopped-error'
import { nextOffset } from '@outbox/inbox/read-offsets'
import { type ReceivedBatch, runSubscriber } from '@outbox/kafka/subscriber'
import { backOffMs } from '@outbox/service/back-off'
import { DeadLettersFullError } from './dead-letter-limit.ts'
import type { GroupMember } from './group-member.ts'

/**
 * Applies what the member gets of its topics, until `signal` aborts and the batches in hand are finished. A partition
 * starts where the database says, whatever Kafka has kept.
 */
export async function consumeTopics(member: GroupMember, signal: AbortSignal): Promise<void> {
  const { kafka, group, topics, partitions, metrics, settings, logger } = member
  await runSubscriber(kafka, {
    group,
    topics,
    async startAt(topic, partition) {
      const kept = await nextOffset(member.db, { group, topic, partition })
      partitions.note({ topic, partition }, { nextOffset: kept })
      return kept
    },
    onBatch: (batch) => applyBatch(member, batch, signal),
    onStopped({ topic, partition, error }) {
      const { code, remedy } = error instanceof PartitionStoppedError ? error : { code: error.name, remedy: undefined }
      logger.error({ group, topic, partition, code, remedy }, `the partition is stopped: ${error.message}`)
      partitions.note({ topic, partition }, { stopped: { code, reason: error.message } })
      readyAsAre(member)
    },
    onAssignment(assigned) {
      logger.info({ group, assigned: assigned.map(({ topic, partition }) => `${topic}/${partition}`) }, 'assigned')
      partitions.assign(assigned)
      metrics.assigned()
      readyAsAre(member)
    },
    signal,
    bounds: {
      concurrentPartitions: settings.CONSUMER_CONCURRENT_PARTITIONS,
      maxBytesPerPartition: settings.CONSUMER_BATCH_BYTES,
      maxBytes: settings.CONSUMER_BATCH_BYTES * settings.CONSUMER_CONCURRENT_PARTITIONS,
      maxWaitMs: settings.CONSUMER_POLL_MS,
      sessionTimeoutMs: settings.CONSUMER_SESSION_TIMEOUT_MS,
    },
  })
}

async function applyBatch(member: GroupMember, batch: ReceivedBatch, signal: AbortSignal): Promise<Applied> {
  const { db, group, handle, partitions, deadLetters, metrics, settings, logger } = member
  const startedAt = performance.now()
  const applied = await applyOnce(db, {
    group,
    batch,
    handler: handle,
    retry: {
      maxAttempts: settings.CONSUMER_MAX_ATTEMPTS,
      waitMs: (attempt) =>
        backOffMs(attempt, {
          firstMs: settings.CONSUMER_BACKOFF_FIRST_MS,
          ceilingMs: settings.CONSUMER_BACKOFF_MAX_MS,
        }),
    },
    deadLetters,
    signal,
    onTransaction: metrics.transaction,
    logger,
  }).catch((error: unknown) => {
    metrics.batchFailed()
    if (error instanceof DeadLettersFullError) hold(member, batch, error)
    throw error
  })
  metrics.batch(batch, applied, (performance.now() - startedAt) / 1_000)
  partitions.note(batch, { nextOffset: applied.nextOffset, logEnd: batch.logEnd, held: undefined })
  readyAsAre(member)
  return applied
}

/** The subscriber tries the batch again later, and logs why. */
function hold(member: GroupMember, batch: ReceivedBatch, { message }: DeadLettersFullError): void {
  member.partitions.note(batch, { held: message, logEnd: batch.logEnd })
  readyAsAre(member)
}

/** A member with a stopped or a held partition goes on with the others, but isn't ready. */
function readyAsAre({ partitions, readiness }: GroupMember): void {
  const { trouble, held } = partitions
  if (trouble === undefined) readiness.up('partitions')
  else readiness.down('partitions', trouble)
  if (held === undefined) readiness.up('dead letters')
  else readiness.down('dead letters', held)
}
