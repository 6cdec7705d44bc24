import type { Tracer } from '@opentelemetry/api'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import { listen } from '@outbox/service/listen'
import { openDatabase } from '@outbox/service/open-database'
import type { ProblemDocument } from '@outbox/service/problem'
import { readSettings } from '@outbox/service/read-settings'
import { createReadiness } from '@outbox/service/readiness'
import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { checkProducerSettings, ProducerSettings } from '../src/producer-settings.ts'
import { buildServer } from '../src/server.ts'

/** A message as it stands in the outbox, its payload as text. */
export type StoredMessage = {
  id: string
  topic: string
  key: string | null
  payload: string | null
  headers: Record<string, string> | null
}

/** An answer, read. */
export type Answer = { status: number; headers: Headers; body: ProblemDocument & { accepted?: number; ids?: string[] } }

/** A producer of a test's own, on a database of its own. */
export type ProducerUnderTest = AsyncDisposable & {
  app: FastifyInstance
  port: number
  url: string
  /** The test's own access to the database. */
  database: pg.Pool
  /** The producer's. */
  pool: pg.Pool
  registry: Registry
  stop: AbortController
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>
  stored(): Promise<StoredMessage[]>
}

/**
 * Starts a producer in this process.
 * @param env settings that differ from the defaults
 * @param through where the producer finds its database instead: a proxy
 * @param tracer of a test that looks at spans
 */
export async function startProducer(
  env: Record<string, string> = {},
  through: (url: string) => string = (url) => url,
  tracer?: Tracer,
): Promise<ProducerUnderTest> {
  const database = await freshDatabase(migrateOutbox)
  const local = { HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent', DATABASE_URL: through(database.url) }
  const settings = readSettings(ProducerSettings, { ...local, ...env }, checkProducerSettings)
  const logger = pino({ level: settings.LOG_LEVEL })
  const registry = new Registry()
  const readiness = createReadiness({ instance: 'producer-test', parts: [] })
  const stop = new AbortController()
  const pool = openDatabase({ settings, instance: 'producer-test', logger, registry, pipeline: true })
  const context = { settings, pool, logger, registry, readiness, tracer, signal: stop.signal, prepared: () => true }
  const app = await buildServer(context)
  const port = await listen(app, { host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${port}`
  return {
    app,
    port,
    url,
    database: database.pool,
    pool,
    registry,
    stop,
    post: (body, headers) => post(url, body, headers),
    async stored() {
      const { rows } = await database.pool.query<StoredMessage>(
        `select message_id as id, topic, key, convert_from(payload, 'UTF8') as payload, headers
         from outbox.message order by outbox.message.id`,
      )
      return rows
    },
    async [Symbol.asyncDispose]() {
      await app.close()
      await pool.end()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** Sends `body` as JSON; a string or bytes go as they are. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const response = await fetch(`${url}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: raw ? (body as string) : JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] }
}

/** A body of one message. */
export function one(message: Record<string, unknown> = {}): unknown {
  return { messages: [{ payload: { a: 1 }, ...message }] }
}
