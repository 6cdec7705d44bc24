import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { type ApplyOnce, applyOnce } from '@outbox/inbox/apply-once'
import type { Handler } from '@outbox/inbox/handler'
import { migrateInbox } from '@outbox/inbox/migrate-inbox'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { SecretMarks } from '@outbox/local-stack/secret-marks'
import { openTelemetry } from '@outbox/service/open-telemetry'
import type pg from 'pg'
import { beforeEach, expect, test } from 'vitest'
import { withSpans } from '../src/process-spans.ts'

const exporter = new InMemorySpanExporter()
const { tracer } = openTelemetry(
  { name: 'consumer', instance: 'consumer-1' },
  { spanProcessors: [new SimpleSpanProcessor({ exporter })] },
)

beforeEach(() => exporter.reset())

test('without a tracer the handler is the bare one', () => {
  expect(withSpans(recordEffects, undefined)).toBe(recordEffects)
})

test("each group's effect is a child of the message's parent, with the handler's statements", async () => {
  await using database = await freshDatabase(prepare)
  for (const group of ['a', 'b']) await apply(database.pool, group, [message(0, { parent: 7 })])
  const [a, b, ...more] = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CONSUMER)
  expect(more).toEqual([])
  for (const [span, group] of [[a, 'a'] as const, [b, 'b'] as const]) {
    expect(span).toMatchObject({
      name: 'process events',
      parentSpanContext: { traceId: idOf(7, 32), spanId: idOf(7, 16) },
      attributes: {
        'messaging.consumer.group.name': group,
        'messaging.destination.name': 'events',
        'messaging.destination.partition.id': '3',
        'messaging.batch.message_count': 1,
        'messaging.message.id': 'id of 0',
      },
    })
    const statements = exporter
      .getFinishedSpans()
      .filter(({ parentSpanContext }) => parentSpanContext?.spanId === span?.spanContext().spanId)
    expect(statements.map(({ name }) => name)).toEqual([expect.stringContaining('INSERT')])
  }
})

test('an effect of many requests is a trace of its own, linked with theirs; one of nobody sampled has no span', async () => {
  await using database = await freshDatabase(prepare)
  await apply(database.pool, 'a', [message(0, { parent: 1 }), message(1, { parent: 2 })])
  await apply(database.pool, 'a', [message(2, { parent: 3, flags: '00' })])
  const [one, two, batch, ...more] = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CONSUMER)
  expect([one, two].map((span) => span?.spanContext().traceId)).toEqual([idOf(1, 32), idOf(2, 32)])
  expect(batch?.links.map((link) => link.context.traceId)).toEqual([idOf(1, 32), idOf(2, 32)])
  expect(one?.links.map((link) => link.context)).toMatchObject([{ spanId: batch?.spanContext().spanId }])
  expect(more).toEqual([])
})

test('a message that the handler fails shows each attempt in its own trace, in no words of the handler', async () => {
  await using database = await freshDatabase(prepare)
  const failing: Handler = async (tx, messages, context) => {
    if (messages.some(({ offset }) => offset === 1n)) throw new TypeError('poison')
    await recordEffects(tx, messages, context)
  }
  await apply(database.pool, 'a', [message(0, { parent: 1 }), message(1, { parent: 2 })], failing)
  const byTrace = (n: number) =>
    exporter
      .getFinishedSpans()
      .filter((span) => span.spanContext().traceId === idOf(n, 32) && span.kind === SpanKind.CONSUMER)
      .map(({ status }) => status.message)
  expect(byTrace(1)).toEqual([undefined])
  expect(byTrace(2)).toEqual(['TypeError', 'TypeError'])
})

test('what a statement fails on is in no span', async () => {
  await using database = await freshDatabase(prepare)
  const marks = new SecretMarks()
  const failing: Handler = async (tx) => void (await tx.query('select $1::int', [marks.mark('a parameter')]))
  await apply(database.pool, 'a', [message(0, { parent: 1 })], failing)
  const spans = exporter
    .getFinishedSpans()
    .map(({ name, status, attributes, events }) => ({ name, status, attributes, events }))
  expect(spans.filter(({ status }) => status.code === SpanStatusCode.ERROR).map(({ name }) => name)).toEqual(
    expect.arrayContaining([expect.stringContaining('SELECT'), 'process events']),
  )
  expect(JSON.stringify(spans)).toContain('DatabaseError 22P02')
  expect(marks.foundIn(JSON.stringify(spans))).toEqual([])
})

const recordEffects: Handler = async (tx, messages) => {
  await tx.query('insert into effect select unnest($1::text[])', [messages.map(({ value }) => String(value))])
}

async function prepare(pool: pg.Pool): Promise<void> {
  await migrateInbox(pool)
  await pool.query('create table effect (value text)')
}

function idOf(n: number, digits: number): string {
  return String(n).padStart(digits, '0')
}

function message(offset: number, { parent, flags = '01' }: { parent: number; flags?: string }) {
  const traceparent = `00-${idOf(parent, 32)}-${idOf(parent, 16)}-${flags}`
  const headers = { traceparent, 'outbox-message-id': `id of ${offset}` }
  return { offset: BigInt(offset), key: null, value: Buffer.from(String(offset)), headers, timestamp: 0 }
}

async function apply(
  db: pg.Pool,
  group: string,
  messages: ApplyOnce['batch']['messages'],
  handle: Handler = recordEffects,
) {
  const { signal } = new AbortController()
  const offset = messages[0]?.offset ?? 0n
  const log = { fetchedOffset: offset, soughtOffset: offset, logStart: 0n, logEnd: 100n }
  await applyOnce(db, {
    group,
    batch: { topic: 'events', partition: 3, ...log, messages, signal },
    handler: withSpans(handle, tracer),
    retry: { maxAttempts: 2, waitMs: () => 0 },
    deadLetters: { full: () => undefined, added: () => {} },
    signal,
    logger: { warn: () => {}, error: () => {} },
  })
}
