import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensurePartitions } from '@outbox/outbox/ensure-partitions'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import { listen } from '@outbox/service/listen'
import { openDatabase } from '@outbox/service/open-database'
import type { Readiness } from '@outbox/service/readiness'
import { reasonOf } from '@outbox/service/reason-of'
import type { ServiceContext } from '@outbox/service/run-service'
import { waitForDatabase } from '@outbox/service/wait-for-database'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { ProducerSettings } from './producer-settings.ts'
import { buildServer } from './server.ts'

/** Accepts messages until `signal` aborts; requests that came in by then are finished. */
export async function runProducer(context: ServiceContext<ProducerSettings>): Promise<void> {
  const { settings, logger, readiness, signal } = context
  const pool = openDatabase({ ...context, pipeline: true })
  let prepared = false
  const app = await buildServer({ ...context, pool, prepared: () => prepared })
  try {
    // Listens before the database is there: health is asked for then most of all, and a taken port shows at once.
    await listen(app, { host: settings.HOST, port: settings.PORT })
    const timeoutMs = settings.DATABASE_START_TIMEOUT_MS
    await waitForDatabase({ pool, prepare: migrateOutbox, readiness, logger, timeoutMs, signal })
    prepared = true
    const upkeep = lookAfterDatabase({ pool, readiness, logger, everyMs: settings.PRODUCER_UPKEEP_MS, signal })
    if (!signal.aborted) await once(signal, 'abort')
    await sleep(settings.PRODUCER_DRAIN_MS)
    await app.close()
    await upkeep
  } finally {
    await app.close()
    await pool.end()
  }
}

/** Until `signal` aborts: keeps partitions ahead of what is appended, and says whether the database answers. */
async function lookAfterDatabase(options: {
  pool: pg.Pool
  readiness: Readiness
  logger: Logger
  everyMs: number
  signal: AbortSignal
}): Promise<void> {
  const { pool, readiness, logger, everyMs, signal } = options
  while (!signal.aborted) {
    try {
      const made = await ensurePartitions(pool)
      if (made > 0) logger.info({ made }, 'made partitions for messages to come')
      readiness.up('database')
    } catch (error) {
      const reason = reasonOf(error)
      readiness.down('database', reason)
      logger.warn({ reason }, 'the database does not answer')
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {})
  }
}
