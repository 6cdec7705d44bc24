import { subscribe } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { FastifyOtelInstrumentation } from '@fastify/otel'
import { context, DiagLogLevel, diag, type Tracer, trace } from '@opentelemetry/api'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { defaultResource, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { TracedService } from './start-tracing.ts'
import { wordlessTracers } from './wordless-spans.ts'

/** The traces of this process, on their way to where OTEL_* says. */
export type Tracing = {
  tracer: Tracer
  /** What a log line says of the span that it is written in: pino's `mixin`. */
  logFields: () => object
  /** From now on OpenTelemetry's own troubles go to the app's log; what is too little for its level stays out. */
  tell(logger: Logger): void
  /** Sends what is left, for a second at most. */
  end(): Promise<void>
}

const longestEndMs = 1_000

/**
 * Starts the SDK, for traces alone, with spans for requests and statements. Servers that are built later are traced.
 * @param given.spanProcessors where spans go instead, in tests
 */
export function openTelemetry(
  { name, instance }: TracedService,
  given: { spanProcessors?: SpanProcessor[] } = {},
): Tracing {
  const attributes = { 'service.name': `outbox-${name}`, 'service.instance.id': instance, 'host.name': hostname() }
  const instrumentations = [tracedServers(), tracedStatements()]
  const sdk = new NodeSDK({
    // What the environment says of itself goes above it.
    resource: defaultResource().merge(resourceFromAttributes(attributes)),
    resourceDetectors: [envDetector],
    instrumentations,
    metricReaders: [],
    logRecordProcessors: [],
    ...given,
  })
  sdk.start()
  for (const instrumentation of instrumentations) instrumentation.setTracerProvider(wordlessTracers())
  return {
    tracer: trace.getTracer('outbox'),
    logFields,
    tell(logger) {
      const write =
        (level: 'error' | 'warn' | 'info' | 'debug' | 'trace') =>
        (text: string, ...more: unknown[]) =>
          logger[level]({ more }, text)
      const diagnostics = { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') }
      const options = { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true }
      diag.setLogger({ ...diagnostics, verbose: write('trace') }, options)
    },
    async end() {
      await Promise.race([sdk.shutdown().catch(() => {}), sleep(longestEndMs)])
    },
  }
}

function logFields(): object {
  const span = trace.getActiveSpan()?.spanContext()
  if (span === undefined) return {}
  return { trace_id: span.traceId, span_id: span.spanId, trace_flags: span.traceFlags }
}

/** What machines ask for all day. */
const untraced = /^\/(health\/|metrics|status|docs)/

/** A span a request, none for each hook and handler. */
function tracedServers(): FastifyOtelInstrumentation {
  const instrumentation = new FastifyOtelInstrumentation({
    registerOnInitialization: true,
    instrumentHooks: false,
    instrumentHandler: false,
    recordExceptions: false,
    ignorePaths: ({ url }) => untraced.test(url),
    requestHook: (span, { method, routeOptions }) => void span.updateName(`${method} ${routeOptions.url ?? ''}`.trim()),
  })
  // Reading the body leaves the request's context, since the socket tells of it: the handler gets it back.
  subscribe('fastify.initialization', (message) => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('preHandler', (request, _reply, done) => {
      context.with(request.opentelemetry().context ?? context.active(), done)
    })
  })
  return instrumentation
}

/**
 * Statements within a span, without their values. The instrumentation waits for a `require`, which an `import` isn't; but pg is
 * CommonJS, and its classes are patched where they are, for whoever has imported them.
 */
function tracedStatements(): PgInstrumentation {
  const instrumentation = new PgInstrumentation({ requireParentSpan: true })
  const require = createRequire(import.meta.url)
  require('pg')
  createRequire(require.resolve('pg'))('pg-pool')
  return instrumentation
}
