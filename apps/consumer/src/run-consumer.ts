import { migrateInbox } from '@outbox/inbox/migrate-inbox'
import { registerGroup } from '@outbox/inbox/register-group'
import { connectKafka } from '@outbox/kafka/connect-kafka'
import { kafkaSecurity } from '@outbox/service/kafka-security-settings'
import { openDatabase } from '@outbox/service/open-database'
import { startOperationsServer } from '@outbox/service/operations-server'
import type { ServiceContext } from '@outbox/service/run-service'
import { waitForDatabase } from '@outbox/service/wait-for-database'
import { AssignedPartitions } from './assigned-partitions.ts'
import { consumeTopics } from './consume-topics.ts'
import { consumerMetrics } from './consumer-metrics.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import { DeadLetterLimit } from './dead-letter-limit.ts'
import { loadHandler } from './load-handler.ts'
import { withSpans } from './process-spans.ts'
import { upkeep } from './upkeep.ts'
import { waitForTopics } from './wait-for-topics.ts'

/**
 * Opens what a member of a group needs, applies messages until `signal` aborts, and closes it all in the opposite
 * order.
 * @throws {SubscriberError} when kafkajs has crashed for good: the supervisor starts another process
 */
export async function runConsumer(context: ServiceContext<ConsumerSettings>): Promise<void> {
  const { settings, instance, logger, registry, readiness, tracer, signal } = context
  const group = settings.CONSUMER_GROUP
  const handler = await loadHandler(settings.CONSUMER_HANDLER)
  const partitions = new AssignedPartitions()
  const counts = { applied: 0, duplicates: 0, deadLettered: 0, replayed: 0 }
  const deadLetters = new DeadLetterLimit({ group, max: settings.CONSUMER_MAX_DEAD_LETTERS })
  const metrics = consumerMetrics(registry, {
    group,
    counts,
    partitions: () => partitions.all,
    deadLetters: () => deadLetters.kept,
  })

  await using open = new AsyncDisposableStack()
  const db = open.adopt(openDatabase(context), (pool) => pool.end())
  open.use(
    await startOperationsServer({
      host: settings.HOST,
      port: settings.PORT,
      readiness,
      registry,
      logger,
      signal,
      status: () => ({ ...readiness.report(), group, counts, lag: partitions.lag, partitions: partitions.all }),
    }),
  )
  await waitForDatabase({
    pool: db,
    async prepare(pool) {
      await migrateInbox(pool)
      await handler.prepare?.(pool)
      await registerGroup(pool, group)
    },
    readiness,
    logger,
    timeoutMs: settings.DATABASE_START_TIMEOUT_MS,
    signal,
  })
  const security = kafkaSecurity(settings, logger)
  const kafka = connectKafka({ brokers: settings.KAFKA_BROKERS, clientId: instance, logger, security })
  const topics = settings.TOPICS
  await waitForTopics({ kafka, topics, readiness, logger, backOffMaxMs: settings.CONSUMER_BACKOFF_MAX_MS, signal })

  const parts = { partitions, deadLetters, metrics, settings, logger, readiness }
  const handle = withSpans(metrics.timed(handler.handle), tracer)
  const member = { db, kafka, group, topics, handle, ...parts }
  const ended = new AbortController()
  const keptUp = upkeep(member, AbortSignal.any([signal, ended.signal]))
  try {
    await consumeTopics(member, signal)
  } finally {
    ended.abort()
    await keptUp
  }
}
