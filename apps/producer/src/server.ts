import type { Tracer } from '@opentelemetry/api'
import { createHttpServer } from '@outbox/service/http-server'
import { operationsRoutes } from '@outbox/service/operations-routes'
import type { Readiness } from '@outbox/service/readiness'
import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { createAdmission } from './admission.ts'
import { describeApi } from './api-description.ts'
import { messagesRoute } from './messages-route.ts'
import { createProducerMetrics } from './producer-metrics.ts'
import type { ProducerSettings } from './producer-settings.ts'

/** What the server is built from. */
export type ProducerServer = {
  settings: ProducerSettings
  pool: pg.Pool
  logger: Logger
  registry: Registry
  readiness: Readiness
  tracer: Tracer | undefined
  signal: AbortSignal
  /** Whether the schema stands; before that nothing can be accepted. */
  prepared: () => boolean
}

/** Builds the producer's HTTP server; it doesn't listen yet. */
export async function buildServer(options: ProducerServer): Promise<FastifyInstance> {
  const { settings, pool, logger, registry, readiness, tracer, signal, prepared } = options
  const app = createHttpServer({
    logger,
    signal,
    bodyLimitBytes: settings.PRODUCER_MAX_BODY_BYTES,
    requestTimeoutMs: settings.PRODUCER_REQUEST_TIMEOUT_MS,
  })
  const admission = createAdmission({
    maxInFlight: settings.PRODUCER_MAX_IN_FLIGHT,
    maxInFlightBytes: settings.PRODUCER_MAX_IN_FLIGHT_BYTES,
    maxBodyBytes: settings.PRODUCER_MAX_BODY_BYTES,
  })
  const metrics = createProducerMetrics(registry, admission)
  const rules = {
    topics: new Set(settings.TOPICS),
    maxBatch: settings.PRODUCER_MAX_BATCH,
    maxPayloadBytes: settings.PRODUCER_MAX_PAYLOAD_BYTES,
  }
  await describeApi(app)
  await app.register(operationsRoutes, { readiness, registry })
  await app.register(messagesRoute, { pool, admission, metrics, tracer, rules, prepared })
  return app
}
