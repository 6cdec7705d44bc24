import { connectKafka } from '@outbox/kafka/connect-kafka'
import { createPublisher } from '@outbox/kafka/publisher'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import type { Lag } from '@outbox/outbox/read-lag'
import { readLog } from '@outbox/outbox/read-log'
import { makeRelayName } from '@outbox/outbox/relay-name'
import { refuseRestoredLog } from '@outbox/outbox/restored-log'
import { shardCount } from '@outbox/outbox/shards'
import { kafkaSecurity } from '@outbox/service/kafka-security-settings'
import { openDatabase } from '@outbox/service/open-database'
import { startOperationsServer } from '@outbox/service/operations-server'
import type { ServiceContext } from '@outbox/service/run-service'
import { waitForDatabase } from '@outbox/service/wait-for-database'
import type pg from 'pg'
import { type GuardedPublisher, withCircuitBreaker } from './circuit-breaker.ts'
import { DeadLetterLimit } from './dead-letter-limit.ts'
import { HeldKeys } from './held-keys.ts'
import { keepHouse } from './keep-house.ts'
import { withSpans } from './publish-spans.ts'
import { relayChores } from './relay-chores.ts'
import { type RelayMetrics, relayMetrics } from './relay-metrics.ts'
import type { RelaySettings } from './relay-settings.ts'
import { resendDue } from './resend-due.ts'
import { type Relay, runRelay } from './run-relay.ts'
import { ShardLeases } from './shard-leases.ts'
import { waitForTopics } from './watch-topics.ts'
import { WindowPublisher, type WindowPublisherOptions } from './window-publisher.ts'
import { WindowReader } from './window-reader.ts'

/** Opens what the relay needs, relays until the signal aborts, and closes it all in the opposite order. */
export async function runRelayService(context: ServiceContext<RelaySettings>): Promise<void> {
  const { settings, instance, logger, registry, readiness, tracer, signal } = context
  let lag: Lag | undefined
  let leases: ShardLeases | undefined
  let publisher: GuardedPublisher | undefined
  const metrics = relayMetrics(registry, { breaker: () => publisher?.state() })
  await using open = new AsyncDisposableStack()
  const db = open.adopt(openDatabase({ ...context, genericPlans: true }), (pool) => pool.end())
  open.use(
    await startOperationsServer({
      host: settings.HOST,
      port: settings.PORT,
      readiness,
      registry,
      logger,
      signal,
      status: () => ({
        ...readiness.report(),
        breaker: publisher?.state() ?? 'closed',
        lag,
        shards: leases?.owned ?? [],
      }),
    }),
  )
  await waitForDatabase({
    pool: db,
    prepare: prepareLog,
    readiness,
    logger,
    timeoutMs: settings.DATABASE_START_TIMEOUT_MS,
    signal,
  })
  const log = await readLog(db)

  const kafka = connectKafka({
    brokers: settings.KAFKA_BROKERS,
    clientId: instance,
    logger,
    requestTimeoutMs: settings.RELAY_SEND_TIMEOUT_MS,
    security: kafkaSecurity(settings, logger),
  })
  const topics = {
    db,
    kafka,
    topics: settings.TOPICS,
    partitions: settings.RELAY_TOPIC_PARTITIONS,
    create: settings.RELAY_CREATE_TOPICS,
    logger,
  }
  await waitForTopics({ ...topics, readiness, backOffMaxMs: settings.RELAY_BACKOFF_MAX_MS, signal })
  const sends = { maxBatchBytes: settings.RELAY_BATCH_BYTES, maxBatchMessages: settings.RELAY_WINDOW_IDS }
  publisher = withCircuitBreaker(withSpans(createPublisher(kafka, sends), tracer), {
    windowMs: settings.RELAY_BREAKER_WINDOW_MS,
    resetMs: settings.RELAY_BREAKER_RESET_MS,
    onAttempt: metrics.sent,
    logger,
  })
  open.adopt(publisher, (each) => each.close())

  const relay = makeRelayName(instance)
  leases = open.use(new ShardLeases({ db, relay, leaseMs: settings.RELAY_LEASE_MS, logger }))
  const held = new HeldKeys(db)
  const limit = new DeadLetterLimit(settings.RELAY_MAX_DEAD_LETTERS)
  const chores = relayChores({
    db,
    settings,
    topics,
    leases,
    limit,
    metrics,
    onLag(measured) {
      lag = measured
    },
    logger,
  })
  const parts = { db, relay, log: log.id, publisher, leases, held, limit, settings, readiness, metrics, logger }
  await Promise.all([
    keepHouse({ chores, everyMs: settings.RELAY_HOUSEKEEPING_MS, onDone: metrics.choreDone, logger, signal }),
    runRelay(relayOf(parts), signal),
  ])
}

type Parts = Pick<ServiceContext<RelaySettings>, 'settings' | 'readiness' | 'logger'> &
  Pick<WindowPublisherOptions, 'db' | 'relay' | 'log' | 'publisher' | 'leases' | 'held' | 'limit'> & {
    metrics: RelayMetrics
  }

function relayOf({ settings, readiness, metrics, ...parts }: Parts): Relay {
  const { db, relay, leases, held, logger } = parts
  const lookMs = Math.min(1_000, settings.RELAY_RETRY_FIRST_MS)
  return {
    leases,
    held,
    resendDue: resendDue({ db, relay, leases, held, everyMs: lookMs, logger }),
    reader: new WindowReader({
      db,
      shardCount,
      windowIds: settings.RELAY_WINDOW_IDS,
      windowBytes: settings.RELAY_WINDOW_BYTES,
      metrics,
    }),
    publisher: new WindowPublisher({
      ...parts,
      allowed: new Set(settings.TOPICS),
      holdKeys: settings.RELAY_POISON_POLICY === 'hold-key',
      retry: {
        maxAttempts: settings.RELAY_MAX_ATTEMPTS,
        firstMs: settings.RELAY_RETRY_FIRST_MS,
        ceilingMs: settings.RELAY_RETRY_MAX_MS,
      },
      moveEveryMs: settings.RELAY_MOVE_MS,
      metrics,
    }),
    idlePollMs: settings.RELAY_IDLE_POLL_MS,
    backOffMaxMs: settings.RELAY_BACKOFF_MAX_MS,
    readiness,
    metrics,
    logger,
  }
}

/** Makes the schema what the code expects; a log of another cluster is refused before anything of it is read. */
async function prepareLog(db: pg.Pool): Promise<void> {
  await migrateOutbox(db)
  await refuseRestoredLog(db)
}
