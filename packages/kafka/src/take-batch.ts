import type { Batch, EachBatchPayload } from 'kafkajs'
import type { Assignment, Position } from './assignment.ts'
import { backOff } from './back-off.ts'
import type { KafkaLogger } from './connect-kafka.ts'
import { HeaderReader } from './header-reader.ts'
import { keepAlive } from './keep-alive.ts'
import type { LogBounds } from './log-bounds.ts'
import type { OffsetCommits } from './offset-commits.ts'
import { type ReceivedBatch, receivedMessage } from './received-batch.ts'

export type BatchParts = {
  assignment: Assignment
  commits: OffsetCommits
  logger: KafkaLogger
  heartbeatMs: number
  sessionTimeoutMs: number
  /** aborts when the time to stop in good order is over */
  deadline: AbortSignal
  readBounds: (topics: readonly string[]) => Promise<Map<string, Map<number, LogBounds>>>
  onBatch: (batch: ReceivedBatch) => Promise<{ nextOffset: bigint }>
  onStopped: (stop: { topic: string; partition: number; error: Error }) => void
}

/** Hands one batch of kafkajs to `onBatch`, and has the partition go on where that says. */
export async function takeBatch(payload: EachBatchPayload, parts: BatchParts): Promise<void> {
  const { batch, heartbeat, isStale, isRunning } = payload
  const { assignment } = parts
  const position = assignment.position(batch)
  if (position === undefined || isStale() || !isRunning()) return
  await heartbeat()
  const fetchedOffset = await gaplessFrom(batch, position, parts)
  using alive = keepAlive(heartbeat, parts)
  const signal = AbortSignal.any([alive.signal, assignment.ended, parts.deadline])
  try {
    const headers = new HeaderReader()
    const { nextOffset } = await parts.onBatch({
      topic: batch.topic,
      partition: batch.partition,
      fetchedOffset,
      soughtOffset: position.kept,
      logStart: position.logStart,
      logEnd: BigInt(batch.highWatermark),
      messages: batch.messages.map((message) => receivedMessage(message, headers)),
      signal,
    })
    if (!assignment.ended.aborted && !alive.signal.aborted) goOnFrom(nextOffset, position, payload, parts)
  } catch (error) {
    if (!signal.aborted) holdBack(asError(error), position, payload, parts)
  }
}

/**
 * From where on the batch holds every message. kafkajs skips what isn't a message, such as a transaction's marker, and it
 * resets in silence to the log's start where the offset we went to isn't in the log; only the latter is a gap.
 */
async function gaplessFrom(batch: Batch, position: Position, { readBounds, logger }: BatchParts): Promise<bigint> {
  const fetchedOffset = BigInt((batch as Batch & { fetchedOffset: string }).fetchedOffset)
  if (fetchedOffset === position.fetchFrom) return position.kept
  const { topic, partition, kept } = position
  const bounds = (await readBounds([topic]).catch(() => undefined))?.get(topic)?.get(partition)
  position.logStart = bounds?.start ?? position.logStart
  if (bounds !== undefined && bounds.start <= kept && kept < fetchedOffset) return kept
  const log = bounds && { logStart: String(bounds.start), logEnd: String(bounds.end) }
  const offsets = { offset: String(kept), fetchedOffset: String(fetchedOffset), ...log }
  logger.error({ topic, partition, ...offsets }, 'the log does not hold the offset to go on from')
  return fetchedOffset
}

function goOnFrom(nextOffset: bigint, position: Position, payload: EachBatchPayload, parts: BatchParts): void {
  const { batch, resolveOffset } = payload
  const last = batch.messages.at(-1)
  position.failures = 0
  if (last !== undefined && nextOffset === BigInt(last.offset) + 1n) {
    resolveOffset(last.offset)
    position.kept = nextOffset
    position.fetchFrom = BigInt(batch.lastOffset()) + 1n
  } else {
    parts.assignment.seek(position, nextOffset)
  }
  parts.commits.add({ topic: position.topic, partition: position.partition, nextOffset })
}

/** Leaves the batch where it is: for good where it says so, else until it is tried again. The other partitions go on. */
function holdBack(error: Error, position: Position, { pause }: EachBatchPayload, parts: BatchParts): void {
  const { topic, partition } = position
  const resume = pause()
  if ('stopsPartition' in error && error.stopsPartition === true) {
    // Whoever is told says so, and what to do about it.
    parts.onStopped({ topic, partition, error })
    return
  }
  position.failures += 1
  parts.logger.warn(
    { err: error, topic, partition, failures: position.failures },
    'a batch failed and will be tried again',
  )
  const { ended } = parts.assignment
  const tryAgain = () => {
    if (ended.aborted) return
    parts.assignment.seek(position, position.kept)
    resume()
  }
  // It throws where kafkajs has crashed meanwhile; then this assignment is about to end.
  backOff(position.failures, ended)
    .then(tryAgain)
    .catch(() => {})
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
