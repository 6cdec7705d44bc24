import { appendMessages } from '@outbox/outbox/append-messages'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attributeOf, type CollectedSpan, type SpanCollector, spanCollector } from './span-collector.ts'
import { type TracedSystem, tracedSystem } from './traced-system.ts'

const [server, producer, consumer] = [2, 4, 5]
const caller = '00f067aa0ba902b7'
const order = { key: 'customer-1', payload: { amount: 1 } }
let collector: SpanCollector
let system: TracedSystem

beforeAll(async () => {
  collector = await spanCollector()
  system = await tracedSystem(collector.url)
}, 180_000)

afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await collector?.[Symbol.asyncDispose]()
}, 60_000)

test('one trace goes from the request over the outbox to the publish and to the effect of each group', async () => {
  const traceId = idOf(1)
  expect((await system.post([order], `00-${traceId}-${caller}-01`)).status).toBe(202)
  await expect.poll(() => messaging(traceId)).toHaveLength(5)
  const [request] = messaging(traceId).filter(({ kind }) => kind === server)
  const [append] = messaging(traceId).filter(({ name }) => name === `append ${system.topic}`)
  const [publish] = messaging(traceId).filter(({ name }) => name === `publish ${system.topic}`)
  const effects = messaging(traceId).filter(({ name }) => name === `process ${system.topic}`)
  expect(request).toMatchObject({ name: 'POST /messages', parentSpanId: caller, service: 'outbox-producer' })
  expect(append).toMatchObject({ kind: producer, parentSpanId: request?.spanId, service: 'outbox-producer' })
  expect(publish).toMatchObject({ kind: producer, parentSpanId: append?.spanId, service: 'outbox-relay' })
  for (const effect of effects)
    expect(effect).toMatchObject({ kind: consumer, parentSpanId: append?.spanId, service: 'outbox-consumer' })
  expect(effects.map((effect) => attributeOf(effect, 'messaging.consumer.group.name')).sort()).toEqual(system.groups)
  expect(attributeOf(publish as CollectedSpan, 'outbox.place.first')).toMatch(/^[0-9a-f]+\/\d+\/\d+\.\d+$/)

  const statements = (parent: CollectedSpan | undefined) =>
    collector
      .ofTrace(traceId)
      .filter(({ parentSpanId }) => parentSpanId === parent?.spanId)
      .map(({ name }) => name)
      .join()
  await expect.poll(() => statements(append)).toContain('outbox-append')
  for (const effect of effects) await expect.poll(() => statements(effect)).toContain('INSERT')
})

test('a request that is not sampled shows nowhere', async () => {
  const [unsampled, sampled] = [idOf(2), idOf(3)]
  await system.post([order], `00-${unsampled}-${caller}-00`)
  await system.post([order], `00-${sampled}-${caller}-01`)
  // Its effects come behind those of the other one, in the order of their key.
  await expect.poll(() => messaging(sampled)).toHaveLength(5)
  expect(collector.ofTrace(unsampled)).toEqual([])
  expect(collector.spans.flatMap(({ links = [] }) => links).map((link) => link.traceId)).not.toContain(unsampled)
})

test('messages of several traces that go together: a batch with links, and a child in each trace', async () => {
  const [one, other, unsampled] = [idOf(4), idOf(5), idOf(6)]
  const messages = [
    [one, '01'],
    [other, '01'],
    [unsampled, '00'],
  ].map(([traceId, flags], n) => ({
    topic: system.topic,
    key: 'customer-2',
    payload: JSON.stringify({ amount: n }),
    headers: { traceparent: `00-${traceId}-${caller}-${flags}` },
  }))
  // One statement is one transaction, one batch of the log, one window.
  await appendMessages(system.database, messages)
  await expect.poll(() => messaging(one)).toHaveLength(3)
  await expect.poll(() => messaging(other)).toHaveLength(3)
  const linked = () =>
    collector.spans.filter(({ links = [] }) => links.some(({ traceId }) => traceId === one || traceId === other))
  await expect.poll(() => linked()).not.toHaveLength(0)
  const [batch] = linked().filter(({ service }) => service === 'outbox-relay')
  expect(batch).toMatchObject({ name: `publish ${system.topic}`, kind: producer })
  expect(batch?.parentSpanId || undefined).toBeUndefined()
  expect(batch?.links).toMatchObject([
    { traceId: one, spanId: caller },
    { traceId: other, spanId: caller },
  ])
  for (const traceId of [one, other]) {
    const [child] = messaging(traceId).filter(({ service }) => service === 'outbox-relay')
    expect(child).toMatchObject({ parentSpanId: caller, links: [{ traceId: batch?.traceId, spanId: batch?.spanId }] })
  }
  expect(collector.ofTrace(unsampled)).toEqual([])
})

/** Our own spans of a trace, without the statements below them. */
function messaging(traceId: string): CollectedSpan[] {
  return collector.ofTrace(traceId).filter(({ kind }) => kind === server || kind === producer || kind === consumer)
}

function idOf(n: number): string {
  return `4bf92f3577b34da6a3ce929d0e0e${String(n).padStart(4, '0')}`
}
