import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

const operations: Record<string, string> = {
  '/health/live': 'Whether the process is alive',
  '/health/ready': 'Whether it can accept messages: 503 names the failing part',
  '/metrics': 'Metrics for Prometheus',
}

/** `GET /docs` shows the API description, `GET /docs/json` gives it. Register it before the routes it is to describe. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Outbox producer',
        version: '1.0.0',
        description: 'Accepts messages into a transactional outbox, from which they are published to Kafka.',
      },
      tags: [{ name: 'messages' }, { name: 'operations' }],
    },
    transform({ schema, url }) {
      const summary = operations[url]
      return { schema: summary === undefined ? schema : { ...schema, summary, tags: ['operations'] }, url }
    },
  })
  // No validator badge: it would ask a server on the internet.
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { validatorUrl: null } })
}
