import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { beforeEach, expect, test } from 'vitest'
import { openTelemetry } from '../src/open-telemetry.ts'
import { reasonOf } from '../src/reason-of.ts'
import { type BatchEnding, maxParents, traceBatch } from '../src/traced-batch.ts'

const exporter = new InMemorySpanExporter()
const { tracer } = openTelemetry(
  { name: 'batch', instance: 'batch-1' },
  { spanProcessors: [new SimpleSpanProcessor({ exporter })] },
)

beforeEach(() => exporter.reset())

const traceIdOf = (n: number) => String(n).padStart(32, '0')
const message = (n: number, { span = n, flags = '01' } = {}) => ({
  headers: { traceparent: `00-${traceIdOf(n)}-${String(span).padStart(16, '0')}-${flags}` },
})
const untraced = { headers: {} }

function run(messages: { headers: Record<string, string> }[], work = async () => {}, ending?: BatchEnding) {
  const describe = (some: readonly unknown[]) => ({ name: 'work', attributes: { count: some.length } })
  const batch = { tracer, kind: SpanKind.CONSUMER, messages, describe, reasonOf }
  return ending ? traceBatch(batch, work, () => ending) : traceBatch(batch, work)
}

/** What was exported, in the order in which the spans ended. */
function spans() {
  return exporter.getFinishedSpans().map((span) => ({
    traceId: span.spanContext().traceId,
    parent: span.parentSpanContext?.spanId,
    spanId: span.spanContext().spanId,
    count: span.attributes.count,
    links: span.links.map((link) => link.context.traceId),
    status: span.status,
    leftOut: span.attributes['outbox.links_left_out'],
  }))
}

test('a batch of one parent is its child, and the work is done in it', async () => {
  let active: string | undefined
  await run([message(7), message(7)], async () => {
    active = trace.getSpan(context.active())?.spanContext().spanId
  })
  const [span, ...more] = spans()
  expect(span).toMatchObject({ traceId: traceIdOf(7), parent: '0000000000000007', count: 2, links: [] })
  expect(span?.spanId).toBe(active)
  expect(more).toEqual([])
})

test('a batch of several parents is a trace of its own with links, and each parent gets a child that links back', async () => {
  await run([message(1), message(2), message(1), untraced, message(3, { flags: '00' })])
  const [one, two, batch, ...more] = spans()
  expect(batch).toMatchObject({ parent: undefined, count: 5, links: [traceIdOf(1), traceIdOf(2)], leftOut: undefined })
  expect(one).toMatchObject({ traceId: traceIdOf(1), parent: '0000000000000001', count: 2, links: [batch?.traceId] })
  expect(two).toMatchObject({ traceId: traceIdOf(2), parent: '0000000000000002', count: 1, links: [batch?.traceId] })
  expect(more).toEqual([])
})

test('two spans of one trace are two parents', async () => {
  await run([message(1, { span: 1 }), message(1, { span: 2 })])
  expect(spans().map(({ parent }) => parent)).toEqual(['0000000000000001', '0000000000000002', undefined])
})

test('a batch without a sampled message has no span', async () => {
  await run([untraced, message(1, { flags: '00' }), { headers: { traceparent: 'nonsense' } }])
  expect(spans()).toEqual([])
})

test('a batch tells of so many parents, and how many it left out', async () => {
  await run(Array.from({ length: maxParents + 30 }, (_, n) => message(n + 1)))
  const all = spans()
  expect(all).toHaveLength(maxParents + 1)
  expect(all.at(-1)).toMatchObject({ count: maxParents + 30, leftOut: 30 })
  expect(all.at(-1)?.links).toHaveLength(maxParents)
})

test('a message that fails the work shows in its own trace, those before it as done, those behind it not at all', async () => {
  const messages = [message(1), message(2), message(3)]
  await run(messages, async () => {}, { done: 1, failure: 'too large' })
  const failed = { code: SpanStatusCode.ERROR, message: 'too large' }
  expect(spans().map(({ traceId, status }) => [traceId, status])).toEqual([
    [traceIdOf(1), { code: SpanStatusCode.UNSET }],
    [traceIdOf(2), failed],
    [expect.any(String), failed],
  ])
})

test("work that fails as a whole shows in the batch's span, and is thrown on", async () => {
  const work = () => Promise.reject(new Error('Kafka is away'))
  await expect(run([message(1), message(2)], work)).rejects.toThrow('Kafka is away')
  await expect(run([message(3)], work)).rejects.toThrow('Kafka is away')
  const status = { code: SpanStatusCode.ERROR, message: 'Kafka is away' }
  expect(spans()).toMatchObject([
    { parent: undefined, status },
    { traceId: traceIdOf(3), status },
  ])
})
