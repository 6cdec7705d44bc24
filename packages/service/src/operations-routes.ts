import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { Readiness } from './readiness.ts'

/** What the operations routes show. */
export type Operations = {
  readiness: Readiness
  registry: Registry
  /** What `GET /status` answers, as JSON; bigints come out as strings. No such route without it. */
  status?: () => unknown
}

/**
 * A Fastify plugin: `GET /health/live`, `/health/ready` (503 naming the failing part), `/metrics` and `/status`.
 * Live means that the event loop turns, nothing more: a database that is away is no reason to restart an app.
 */
export async function operationsRoutes(app: FastifyInstance, operations: Operations): Promise<void> {
  const { readiness, registry, status } = operations
  app.get('/health/live', async () => ({
    status: 'alive',
  }))
  app.get('/health/ready', async (_request, reply) => {
    const report = readiness.report()
    return reply.code(report.status === 'ready' ? 200 : 503).send(report)
  })
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  if (status === undefined) return
  app.get('/status', async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(await status(), bigintAsText)),
  )
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
