import { diag } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { pino } from 'pino'
import { afterAll, expect, test, vi } from 'vitest'
import { openTelemetry } from '../src/open-telemetry.ts'

vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=test,host.name=elsewhere')
const exporter = new InMemorySpanExporter()
const tracing = openTelemetry(
  { name: 'relay', instance: 'relay-1' },
  { spanProcessors: [new SimpleSpanProcessor({ exporter })] },
)
const lines: Record<string, unknown>[] = []
const logger = pino({ base: null, mixin: tracing.logFields }, { write: (line) => void lines.push(JSON.parse(line)) })

afterAll(() => vi.unstubAllEnvs())

test('a span names app and instance; what the environment says goes above that', () => {
  tracing.tracer.startSpan('work').end()
  expect(exporter.getFinishedSpans()[0]?.resource.attributes).toMatchObject({
    'service.name': 'outbox-relay',
    'service.instance.id': 'relay-1',
    'deployment.environment.name': 'test',
    'host.name': 'elsewhere',
  })
})

test('a log line that is written in a span names it, another one names none', () => {
  const span = tracing.tracer.startActiveSpan('work', (active) => {
    logger.info('inside')
    return active
  })
  logger.info('outside')
  const { traceId, spanId } = span.spanContext()
  const [inside, outside] = lines.splice(0)
  expect(inside).toMatchObject({ msg: 'inside', trace_id: traceId, span_id: spanId, trace_flags: 1 })
  expect(outside).not.toHaveProperty('trace_id')
})

test("OpenTelemetry's own troubles go to the app's log, at its level", () => {
  tracing.tell(logger)
  diag.error('the collector is away', { code: 14 })
  diag.verbose('chatter')
  expect(lines.splice(0)).toMatchObject([{ level: 50, msg: 'the collector is away', more: [{ code: 14 }] }])
})

test('at the end an exporter that never ends is not waited for', async () => {
  vi.spyOn(exporter, 'shutdown').mockReturnValue(new Promise(() => {}))
  await tracing.end()
})
