import { PartitionStoppedError } from './partition-stopped-error.ts'

/** What is known of a partition when a slice of it is to be applied. */
export type PartitionLog = {
  group: string
  topic: string
  partition: number
  fetchedOffset: bigint
  soughtOffset: bigint
  logStart: bigint | undefined
  logEnd: bigint
}

/**
 * Where the group goes on: at the offset it keeps, and at the log's start when it keeps none. Kafka's own committed
 * offset may be ahead of that, since it isn't rolled back when the database loses its last transactions.
 *
 * A member that was away keeps what it fetched before, and its successor has moved on: an end below the kept offset
 * says something about Kafka only when the batch was fetched for that offset.
 * @throws {PartitionStoppedError} when Kafka's log no longer holds that offset
 */
export function startOfSlice(log: PartitionLog, kept: bigint | undefined): bigint {
  const { group, topic, partition, fetchedOffset, soughtOffset, logStart, logEnd } = log
  if (kept === undefined) return logStart !== undefined && logStart < fetchedOffset ? logStart : fetchedOffset
  const where = `Group ${group} is at offset ${kept} of ${topic}/${partition}`
  const row = `inbox.kafka_offset (${group}, ${topic}, ${partition})`
  if (logStart !== undefined && kept < logStart && kept < fetchedOffset) {
    throw new PartitionStoppedError('OUTBOX_LOG_CUT', {
      message: `${where}, but its log begins at ${logStart}: ${logStart - kept} messages were deleted unread`,
      remedy: `Restore them from the outbox (outbox replay), or set next_offset of ${row} to ${logStart} to go on without them; then restart the group.`,
    })
  }
  if (kept > logEnd && soughtOffset === kept) {
    throw new PartitionStoppedError('OUTBOX_TOPIC_REMADE', {
      message: `${where}, but its log ends at ${logEnd}: the topic was deleted and made again, or Kafka lost data`,
      remedy: `Set next_offset of ${row} to null to begin at the log's start (places that were applied before are skipped); then restart the group.`,
    })
  }
  return kept
}
