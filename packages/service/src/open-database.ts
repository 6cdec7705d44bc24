import type pg from 'pg'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import { createDatabasePool } from './database-pool.ts'
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
  return pool
}
