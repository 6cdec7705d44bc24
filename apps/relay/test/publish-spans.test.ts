import { SpanKind } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import type { OutgoingMessage, Publisher, Refusal } from '@outbox/kafka/publisher'
import { openTelemetry } from '@outbox/service/open-telemetry'
import { beforeEach, expect, test } from 'vitest'
import { withSpans } from '../src/publish-spans.ts'

const exporter = new InMemorySpanExporter()
const { tracer } = openTelemetry(
  { name: 'relay', instance: 'relay-1' },
  { spanProcessors: [new SimpleSpanProcessor({ exporter })] },
)

beforeEach(() => exporter.reset())

test('without a tracer the publisher is the bare one', () => {
  const publisher = publisherOf(undefined)
  expect(withSpans(publisher, undefined)).toBe(publisher)
})

test('a span tells topic, count, and the first and last place', async () => {
  const traced = withSpans(publisherOf(undefined), tracer)
  expect(await traced.publish([message(1, 'a'), message(1, 'b')])).toBeUndefined()
  expect(spans()).toEqual([
    {
      name: 'publish orders',
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 'orders',
        'messaging.batch.message_count': 2,
        'outbox.place.first': 'a',
        'outbox.place.last': 'b',
      },
    },
  ])
})

test('messages of several topics name none', async () => {
  await withSpans(publisherOf(undefined), tracer).publish([message(1, 'a'), message(1, 'b', 'other')])
  expect(spans()).toMatchObject([{ name: 'publish' }])
})

test('a message that Kafka refuses shows by its id in its own trace', async () => {
  const refusal = { index: 1, code: 'MESSAGE_TOO_LARGE', reason: 'it is' } as Refusal
  const traced = withSpans(publisherOf(refusal), tracer)
  expect(await traced.publish([message(1, 'a'), message(2, 'b'), message(3, 'c')])).toBe(refusal)
  const [taken, refused, batch, ...more] = exporter.getFinishedSpans()
  expect(taken?.status).toEqual({ code: 0 })
  expect(refused?.attributes).toMatchObject({ 'messaging.message.id': 'id of b', 'outbox.place.first': 'b' })
  expect([refused?.status, batch?.status]).toEqual(Array(2).fill({ code: 2, message: 'MESSAGE_TOO_LARGE: it is' }))
  expect(more).toEqual([])
})

function publisherOf(refusal: Refusal | undefined): Publisher {
  return { connect: async () => {}, publish: async () => refusal, close: async () => {} }
}

function message(trace: number, place: string, topic = 'orders'): OutgoingMessage {
  const traceparent = `00-${String(trace).padStart(32, '0')}-${'1'.repeat(16)}-01`
  const headers = { traceparent, 'outbox-place': place, 'outbox-message-id': `id of ${place}` }
  return { topic, partition: 0, key: null, value: null, headers }
}

function spans() {
  return exporter.getFinishedSpans().map(({ name, kind, attributes }) => ({ name, kind, attributes }))
}
