import type pg from 'pg'
import type { Logger } from 'pino'
import { Gauge, Histogram, type Registry } from 'prom-client'
import { createDatabasePool } from './database-pool.ts'
import { latencyBuckets } from './latency-buckets.ts'
import type { ServiceSettings } from './service-settings.ts'

/** The app's pool, as its settings say, with its usage as a metric. Connects to nothing yet. */
export function openDatabase(options: {
  settings: ServiceSettings
  instance: string
  logger: Logger
  registry: Registry
  /** See DatabasePoolOptions, as for `genericPlans`. */
  pipeline?: boolean
  genericPlans?: boolean
}): pg.Pool {
  const { settings, instance, logger, registry, pipeline = false, genericPlans = false } = options
  const pool = createDatabasePool({
    url: settings.DATABASE_URL,
    applicationName: instance,
    max: settings.DATABASE_POOL_MAX,
    logger,
    pipeline,
    genericPlans,
    connectTimeoutMs: settings.DATABASE_CONNECT_TIMEOUT_MS,
    statementTimeoutMs: settings.DATABASE_STATEMENT_TIMEOUT_MS,
    idleInTransactionMs: settings.DATABASE_IDLE_IN_TRANSACTION_MS,
  })
  new Gauge({
    name: 'outbox_database_connections',
    help: 'Connections of the pool: in use, idle, and requests waiting for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'in_use' }, pool.totalCount - pool.idleCount)
      this.set({ state: 'idle' }, pool.idleCount)
      this.set({ state: 'waiting' }, pool.waitingCount)
    },
  })
  const waitSeconds = new Histogram({
    name: 'outbox_database_wait_seconds',
    help: 'From asking the pool for a connection to having it, or to giving up.',
    buckets: [...latencyBuckets],
    registers: [registry],
  })
  timeWaits(pool, (seconds) => waitSeconds.observe(seconds))
  return pool
}

/** Has each request for a connection timed, those of `pool.query` among them. */
function timeWaits(pool: pg.Pool, waited: (seconds: number) => void): void {
  const connect: (callback?: ConnectCallback) => Promise<pg.PoolClient> | undefined = pool.connect.bind(pool)
  pool.connect = ((callback?: ConnectCallback) => {
    const askedAtMs = performance.now()
    const had = () => waited((performance.now() - askedAtMs) / 1_000)
    if (!callback) return connect()?.finally(had)
    return connect((...answer) => {
      had()
      callback(...answer)
    })
  }) as pg.Pool['connect']
}

type ConnectCallback = (...answer: unknown[]) => void
