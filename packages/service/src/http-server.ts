import { STATUS_CODES } from 'node:http'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify'
import type { Logger } from 'pino'
import { createBrokenHttp } from './broken-http.ts'
import { Problem } from './problem.ts'

/** What an HTTP server of ours needs. */
export type HttpServerOptions = {
  logger: Logger
  /** Once aborted, each answer closes its connection, so that clients go elsewhere. */
  signal: AbortSignal
  /** Default 1 MiB. */
  bodyLimitBytes?: number
  /** The longest that a request, head and body, may take to arrive. */
  requestTimeoutMs?: number
}

/**
 * A Fastify server that takes input as it is, coercing and stripping nothing, and whose every error is a problem
 * document (RFC 9457), broken HTTP included. What failed inside is logged, never shown.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { signal, requestTimeoutMs = 10_000 } = options
  const loggerInstance: FastifyBaseLogger = options.logger
  const brokenHttp = createBrokenHttp()
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimitBytes ?? 1_048_576,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 72_000, // longer than the 60 s of common load balancers, so that they close first
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    http: { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: Math.min(500, requestTimeoutMs) },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    clientErrorHandler: brokenHttp.answer,
  })
  brokenHttp.watch(app)
  app.addHook('onSend', async (_request, reply) => {
    if (signal.aborted) reply.header('connection', 'close')
  })
  app.setErrorHandler<FastifyError>((error, _request, reply) => sendProblem(reply, asProblem(error)))
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, plainProblem(404, `there is no ${request.method} ${request.url}`)),
  )
  return app
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { document, retryAfterSeconds } = problem
  if (document.status >= 500) logProblem(reply, problem)
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds)
  // Serialized here: a route's response schema would leave out what it doesn't know.
  return reply.code(document.status).type('application/problem+json').send(JSON.stringify(document))
}

/** 503 is an answer of the moment; with 500 something went wrong, or nobody knows what happened. */
function logProblem({ log, request }: FastifyReply, { document, cause, logged }: Problem): void {
  const traceId = traceIdOf(request.headers.traceparent)
  const { type, status, detail } = document
  const fields = { problem: type, status, ...logged, traceId, err: cause }
  log[status === 503 ? 'warn' : 'error'](fields, type === 'internal' ? 'a request failed' : detail)
}

/** @see W3C Trace Context, 3.2 */
function traceIdOf(traceparent: unknown): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(String(traceparent))?.[1]
}

function asProblem(error: FastifyError): Problem {
  if (error instanceof Problem) return error
  if (error.validation) return invalidRequest(error)
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500) return plainProblem(status, error.message)
  return new Problem(
    { type: 'internal', title: 'Internal Server Error', status: 500, detail: 'the request failed; the log says why' },
    { cause: error },
  )
}

function invalidRequest({ validation = [], validationContext, message }: FastifyError): Problem {
  const errors = validation.map((at) => ({ path: at.instancePath, message: at.message ?? 'is wrong' }))
  const detail = `${validationContext ?? 'request'}: ${message}`
  return new Problem({ type: 'invalid-request', title: 'Bad Request', status: 400, detail, errors })
}

const types: Record<number, string> = { 400: 'invalid-request', 413: 'too-large', 415: 'unsupported-media-type' }

function plainProblem(status: number, detail: string): Problem {
  const type = types[status] ?? 'about:blank'
  return new Problem({ type, title: STATUS_CODES[status] ?? 'Error', status, detail })
}
