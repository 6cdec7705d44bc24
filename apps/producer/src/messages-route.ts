import type { Tracer } from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type pg from 'pg'
import { acceptMessages } from './accept-messages.ts'
import type { Admission } from './admission.ts'
import { traceAppend } from './append-span.ts'
import type { Accepted } from './message-schema.ts'
import { messagesRouteSchema } from './messages-route-schema.ts'
import { methodNotAllowed, unsupportedMediaType } from './problems.ts'
import type { ProducerMetrics } from './producer-metrics.ts'
import { type RequestRules, readMessages } from './read-messages.ts'
import { NotAcceptedProblem, refusalReason } from './refusal-reason.ts'
import { prefersMinimal, readIdempotencyKey, readTraceparent } from './request-headers.ts'

/** What `POST /messages` works with. */
export type MessagesRoute = {
  pool: pg.Pool
  admission: Admission
  metrics: ProducerMetrics
  tracer: Tracer | undefined
  rules: RequestRules
  /** Whether the schema stands; before that nothing can be accepted. */
  prepared: () => boolean
}

/** A Fastify plugin: `POST /messages`. Answers 202 only after the commit. */
export async function messagesRoute(app: FastifyInstance, options: MessagesRoute): Promise<void> {
  const { pool, admission, metrics, tracer, rules, prepared } = options
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    /^application\/json\s*(;|$)/i,
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      refuseOtherEncodings(request)
      return body
    },
  )
  app.addContentTypeParser('*', async ({ headers }: FastifyRequest) => {
    throw unsupportedMediaType(
      `${headers['content-type'] ?? 'a body without Content-Type'} is not read: send application/json`,
    )
  })
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url: '/messages',
    schema: { hide: true },
    handler: (_request, reply) => {
      reply.header('allow', 'POST')
      throw methodNotAllowed()
    },
  })

  app.post('/messages', {
    schema: messagesRouteSchema,
    // The reader validates while it reads; the schema describes (a test holds them together).
    validatorCompiler: () => () => true,
    onRequest: admission.admit,
    async onError(_request, _reply, error) {
      metrics.refused.inc({ reason: refusalReason(error) })
    },
    async onResponse(_request, reply) {
      metrics.requests.inc({ status: reply.statusCode })
      metrics.requestSeconds.observe(reply.elapsedTime / 1_000)
    },
    async handler(request, reply) {
      const idempotencyKey = readIdempotencyKey(request.headers)
      const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0)
      const messages = readMessages(body, rules)
      const given = readTraceparent(request.headers)
      if (!prepared()) throw new NotAcceptedProblem('starting', 'the producer is still starting')

      const stopTimer = metrics.appendSeconds.startTimer()
      const { ids, replayed, transactionSeconds } = await traceAppend({ tracer, messages, given }, () =>
        acceptMessages(pool, { messages, body, idempotencyKey }),
      )
      stopTimer()
      metrics.transactionSeconds.observe(transactionSeconds)
      metrics.batchMessages.observe(ids.length)
      if (!replayed) {
        metrics.accepted.inc(ids.length)
        metrics.acceptedBytes.inc(body.length)
      }

      const answer: Accepted = { accepted: ids.length }
      if (prefersMinimal(request.headers)) reply.header('preference-applied', 'return=minimal')
      else answer.ids = ids
      return reply.code(202).send(answer)
    },
  })
}

/** `Content-Type` has no other charset, `Content-Encoding` no compression: neither is read. */
function refuseOtherEncodings({ headers }: FastifyRequest): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8'
  if (!/^(utf-?8|us-ascii)$/i.test(charset)) throw unsupportedMediaType(`charset ${charset} is not read: send UTF-8`)
  const coding = headers['content-encoding'] ?? 'identity'
  if (coding !== 'identity') throw unsupportedMediaType(`Content-Encoding ${coding} is not read: send it uncompressed`)
}
