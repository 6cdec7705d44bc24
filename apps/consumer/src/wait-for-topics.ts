import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaConnection } from '@outbox/kafka/connect-kafka'
import { countPartitions } from '@outbox/kafka/count-partitions'
import { backOffMs } from '@outbox/service/back-off'
import type { Readiness } from '@outbox/service/readiness'
import { reasonOf } from '@outbox/service/reason-of'
import type { Logger } from 'pino'

/** What to wait for. */
export type WaitForTopics = {
  kafka: KafkaConnection
  topics: readonly string[]
  /** Gets the part `kafka`: down with the reason while waiting, up at the end. */
  readiness: Readiness
  logger: Logger
  backOffMaxMs: number
  signal: AbortSignal
}

/**
 * Waits until Kafka answers and has all the topics, whatever comes up first: a relay makes them, or an operator.
 * @throws the signal's reason when it aborts
 */
export async function waitForTopics({
  kafka,
  topics,
  readiness,
  logger,
  backOffMaxMs,
  signal,
}: WaitForTopics): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted()
    const reason = await missing(kafka, topics)
    if (reason === undefined) return readiness.up('kafka')
    readiness.down('kafka', reason)
    logger.warn({ attempt, reason }, 'Kafka is not ready yet')
    await sleep(100 + backOffMs(attempt, { firstMs: 100, ceilingMs: backOffMaxMs }), undefined, { signal })
  }
}

/** What keeps us waiting, in words. */
async function missing(kafka: KafkaConnection, topics: readonly string[]): Promise<string | undefined> {
  try {
    const counts = await countPartitions(kafka, topics)
    const absent = topics.filter((topic) => !counts.has(topic))
    return absent.length === 0 ? undefined : `no topic ${absent.map((topic) => `"${topic}"`).join(', ')}`
  } catch (error) {
    return reasonOf(error)
  }
}
