import { INVALID_SPAN_CONTEXT, SpanKind, type Tracer, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { openTelemetry } from '@outbox/service/open-telemetry'
import { beforeEach, expect, test } from 'vitest'
import { traceAppend } from '../src/append-span.ts'
import { one, startProducer } from './producer-under-test.ts'

const exporter = new InMemorySpanExporter()
const { tracer } = openTelemetry(
  { name: 'producer', instance: 'producer-1' },
  { spanProcessors: [new SimpleSpanProcessor({ exporter })] },
)
const asIs = (url: string) => url
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const caller = '00f067aa0ba902b7'

beforeEach(() => exporter.reset())

test("messages carry on the trace of their request, with the append's span for their parent", async () => {
  await using producer = await startProducer({}, asIs, tracer)
  const traceparent = `00-${traceId}-${caller}-01`
  await producer.post({ messages: [{ payload: 1, headers: { a: 'b' } }, { payload: 2 }] }, { traceparent })
  await expect.poll(() => spans(SpanKind.SERVER).length).toBe(1)
  const [server] = spans(SpanKind.SERVER)
  const [append, ...more] = spans(SpanKind.PRODUCER)
  expect(more).toEqual([])
  expect(server).toMatchObject({ name: 'POST /messages', parentSpanContext: { traceId, spanId: caller } })
  expect(server?.attributes).toMatchObject({ 'http.response.status_code': 202, 'http.route': '/messages' })
  expect(append).toMatchObject({ name: 'append shared-events', attributes: { 'messaging.batch.message_count': 2 } })
  expect(append?.parentSpanContext?.spanId).toBe(server?.spanContext().spanId)
  const stored = `00-${traceId}-${append?.spanContext().spanId}-01`
  expect((await producer.stored()).map(({ headers }) => headers)).toEqual([
    { a: 'b', traceparent: stored },
    { traceparent: stored },
  ])
})

test('the statements of the transaction are below the append, without their values', async () => {
  await using producer = await startProducer({}, asIs, tracer)
  await producer.post(one({ payload: 'geheim' }))
  const [append] = spans(SpanKind.PRODUCER)
  const below = exporter
    .getFinishedSpans()
    .filter(({ parentSpanContext }) => parentSpanContext?.spanId === append?.spanContext().spanId)
  expect(below.map(({ name }) => name).join()).toMatch(/BEGIN.*outbox-append.*COMMIT/)
  expect(JSON.stringify(below.map(({ attributes }) => attributes))).not.toContain('geheim')
})

test('a request that is not sampled makes no span, and its messages say so; without traceparent it begins a trace', async () => {
  await using producer = await startProducer({}, asIs, tracer)
  await producer.post(one(), { traceparent: `00-${traceId}-${caller}-00` })
  expect(exporter.getFinishedSpans()).toEqual([])
  await producer.post(one())
  const [first, second] = (await producer.stored()).map(({ headers }) => headers?.traceparent)
  expect(first).toMatch(new RegExp(`^00-${traceId}-(?!${caller})[0-9a-f]{16}-00$`))
  expect(second).toMatch(/^00-(?!4bf9)[0-9a-f]{32}-[0-9a-f]{16}-01$/)
})

test("where no span can be made, the request's own traceparent travels", async () => {
  const tracer = { startSpan: () => trace.wrapSpanContext(INVALID_SPAN_CONTEXT) } as unknown as Tracer
  const message = { topic: 'shared-events', payload: '1' }
  await traceAppend({ tracer, messages: [message], given: 'given' }, async () => {})
  expect(message).toMatchObject({ headers: { traceparent: 'given' } })
})

test('what is asked by machines all day is not traced', async () => {
  await using producer = await startProducer({}, asIs, tracer)
  for (const path of ['/health/live', '/health/ready', '/metrics', '/docs/json']) await fetch(`${producer.url}${path}`)
  expect(exporter.getFinishedSpans()).toEqual([])
})

function spans(kind: SpanKind) {
  return exporter.getFinishedSpans().filter((span) => span.kind === kind)
}
