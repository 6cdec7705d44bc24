import { SpanStatusCode } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { openTelemetry } from '../src/open-telemetry.ts'

test('the span of a request that fails says so without the words of the error', async () => {
  const exporter = new InMemorySpanExporter()
  openTelemetry({ name: 'app', instance: 'app-1' }, { spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  await using server = fastify()
  server.get('/fails', async () => {
    throw new Error('geheim')
  })
  await server.inject('/fails')
  const [span] = exporter.getFinishedSpans()
  expect(span).toMatchObject({ name: 'GET /fails', status: { code: SpanStatusCode.ERROR } })
  expect(span?.status.message).toBeUndefined()
  expect(span?.events).toEqual([])
})
