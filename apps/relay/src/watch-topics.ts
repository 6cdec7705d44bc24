import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaConnection } from '@outbox/kafka/connect-kafka'
import { countPartitions } from '@outbox/kafka/count-partitions'
import { ensureTopic, TopicError } from '@outbox/kafka/ensure-topic'
import { makeTick } from '@outbox/outbox/make-tick'
import { readTopicPartitions } from '@outbox/outbox/topic-partitions'
import { backOffMs } from '@outbox/service/back-off'
import type { Readiness } from '@outbox/service/readiness'
import { reasonOf } from '@outbox/service/reason-of'
import type pg from 'pg'
import type { Logger } from 'pino'

/** `partitions` is the count of a topic that is made. */
export type TopicWatchOptions = {
  db: pg.Pool
  kafka: KafkaConnection
  topics: readonly string[]
  partitions: number
  create: boolean
  logger: Logger
}

/**
 * Makes allowed topics that are missing, if it may, and writes each topic's partition count into the log, as often as
 * it grows: what stands behind that tick goes to the partitions it names. A topic that is missing, or may not be seen,
 * is said loudly; its messages wait, and all others behind them.
 * @throws {TopicError} when a topic is compacted
 */
export async function watchTopics(options: TopicWatchOptions): Promise<void> {
  const { db, kafka, topics, logger } = options
  const counts = await countPartitions(kafka, topics)
  const known = await readTopicPartitions(db)
  for (const topic of topics) {
    if (known.latest(topic) !== undefined && counts.has(topic)) continue
    const found = await findTopic(topic, options)
    if (found !== undefined) counts.set(topic, found)
  }
  const grown = new Map([...counts].filter(([topic, count]) => count > (known.latest(topic) ?? 0)))
  if (grown.size === 0) return
  // Undefined: another relay made the tick at the same moment; the next look finds what it has left undone.
  const tick = await makeTick(db, { topicPartitions: grown })
  if (!tick) return
  for (const [topic, partitions] of grown) {
    logger.info({ topic, partitions, tick: String(tick.n) }, 'from this tick on the topic has so many partitions')
  }
}

/**
 * Looks until Kafka answers, whatever comes up first; reports the part `kafka`.
 * @throws {TopicError} when a topic is compacted
 */
export async function waitForTopics(
  options: TopicWatchOptions & { readiness: Readiness; backOffMaxMs: number; signal: AbortSignal },
): Promise<void> {
  const { readiness, backOffMaxMs, logger, signal } = options
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      await watchTopics(options)
      return readiness.up('kafka')
    } catch (error) {
      if (error instanceof TopicError) throw error
      const reason = reasonOf(error)
      const waitMs = backOffMs(attempt, { firstMs: 100, ceilingMs: backOffMaxMs })
      readiness.down('kafka', reason)
      logger.warn({ attempt, reason, waitMs }, 'Kafka is not there yet')
      await sleep(waitMs, undefined, { signal })
    }
  }
}

async function findTopic(
  topic: string,
  { kafka, partitions, create, logger }: TopicWatchOptions,
): Promise<number | undefined> {
  try {
    const found = await ensureTopic(kafka, { topic, partitions, create })
    if (found.created) logger.info({ topic, partitions }, 'made the topic, it was missing')
    else if (found.partitions !== partitions) {
      logger.warn(
        { topic, partitions: found.partitions, expected: partitions },
        'another partition count; used as it is',
      )
    }
    return found.partitions
  } catch (error) {
    if (!(error instanceof TopicError && error.retriable)) throw error
    logger.error({ topic, code: error.code, reason: error.message }, 'the topic can not be used yet')
    return undefined
  }
}
