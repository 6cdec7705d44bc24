import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A span as an app has sent it. */
export type CollectedSpan = {
  traceId: string
  spanId: string
  /** '' or undefined where it is the first of its trace. */
  parentSpanId?: string
  name: string
  /** 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number
  links?: { traceId: string; spanId: string }[]
  attributes: Attribute[]
  /** `service.name` of the app. */
  service: string
}

/** Receives spans by OTLP, as JSON over HTTP, and keeps them in memory. Leaving the scope closes it. */
export type SpanCollector = AsyncDisposable & {
  url: string
  spans: CollectedSpan[]
  /** Those of one trace. */
  ofTrace(traceId: string): CollectedSpan[]
}

type Attribute = { key: string; value: Record<string, unknown> }
type Export = {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Omit<CollectedSpan, 'service'>[] }[] }[]
}

export async function spanCollector(): Promise<SpanCollector> {
  const spans: CollectedSpan[] = []
  const server = createServer(async (request, response) => {
    const { resourceSpans } = JSON.parse(await text(request)) as Export
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(attributeOf(resource, 'service.name'))
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) spans.push({ ...span, service })
    }
    response.setHeader('content-type', 'application/json').end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    ofTrace: (traceId) => spans.filter((span) => span.traceId === traceId),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The text of an attribute. */
export function attributeOf({ attributes }: { attributes: Attribute[] }, name: string): unknown {
  return attributes.find(({ key }) => key === name)?.value.stringValue
}
