import { expect, test } from 'vitest'
import { one, startProducer } from './producer-under-test.ts'

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

test('messages that were answered 202 are in the outbox, in order, under the ids of the answer', async () => {
  await using producer = await startProducer()
  const { status, body } = await producer.post({
    messages: [
      { key: 'a', payload: { any: 'JSON' }, headers: { tenant: 'x' } },
      { payload: [1, 'two', null] },
      { topic: 'shared-events', key: null, payload: 'text' },
    ],
  })
  expect(status).toBe(202)
  expect(body).toEqual({ accepted: 3, ids: [expect.stringMatching(uuidV7), expect.any(String), expect.any(String)] })
  const topic = 'shared-events'
  expect(await producer.stored()).toEqual([
    { id: body.ids?.[0], topic, key: 'a', payload: '{"any":"JSON"}', headers: { tenant: 'x' } },
    { id: body.ids?.[1], topic, key: null, payload: '[1,"two",null]', headers: null },
    { id: body.ids?.[2], topic, key: null, payload: '"text"', headers: null },
  ])
})

test('a JSON payload is kept as it is written', async () => {
  const written = [
    '-0',
    '1.0e0',
    '{ "b" : 1,\n "a":\t2 }',
    '0.1000000000000000055511151231257827',
    '"\\u0000 \\u00e9 \\ud83d\\ude00 \\/"',
    '"‮RTL 😀 é"',
    '{"1":1,"0":0,"constructor":{"prototype":1}}',
    '"\'); drop table outbox.message; --"',
  ]
  await using producer = await startProducer()
  const messages = written.map((json) => `{"payload": ${json} }`)
  expect(await producer.post(`{"messages":[${messages}]}`)).toMatchObject({ status: 202 })
  expect((await producer.stored()).map(({ payload }) => payload)).toEqual(written)
})

test('payloads of encoding text and base64 are kept to the byte', async () => {
  await using producer = await startProducer()
  const bytes = Buffer.from([0, 255, 10, 13, 0xd8, 0])
  const messages = [
    { encoding: 'text', payload: ' \u0000"\\\n{' },
    { encoding: 'text', payload: '' },
    { encoding: 'base64', payload: bytes.toString('base64') },
    { encoding: 'json', payload: 'quoted' },
  ]
  expect(await producer.post({ messages })).toMatchObject({ status: 202 })
  const { rows } = await producer.database.query('select payload from outbox.message order by id')
  expect(rows.map(({ payload }) => payload)).toEqual([
    Buffer.from(' \u0000"\\\n{'),
    Buffer.from(''),
    bytes,
    Buffer.from('"quoted"'),
  ])
})

test('null with a key is a tombstone, in every encoding', async () => {
  await using producer = await startProducer()
  const messages = [{}, { encoding: 'text' }, { encoding: 'base64' }].map((more) => ({
    key: 'k',
    payload: null,
    ...more,
  }))
  expect(await producer.post({ messages })).toMatchObject({ status: 202, body: { accepted: 3 } })
  expect((await producer.stored()).map(({ payload }) => payload)).toEqual([null, null, null])
})

test('keys and headers may be any text', async () => {
  await using producer = await startProducer()
  const text = `' or 1=1; -- {"\\} ‮ 😀 é\ttab`
  const headers = { 'X-Any!': text, constructor: 'c', toString: '' }
  expect(await producer.post(one({ key: text, headers }))).toMatchObject({ status: 202 })
  expect(await producer.stored()).toMatchObject([{ key: text, headers }])
})

test('traceparent travels with each message, next to its headers; a broken one is ignored', async () => {
  await using producer = await startProducer()
  await producer.post({ messages: [{ payload: 1, headers: { a: 'b' } }, { payload: 2 }] }, { traceparent })
  await producer.post(one(), { traceparent: traceparent.replace('4bf9', 'XXXX') })
  expect((await producer.stored()).map(({ headers }) => headers)).toEqual([
    { a: 'b', traceparent },
    { traceparent },
    null,
  ])
})

test('Prefer: return=minimal leaves the ids out and says so', async () => {
  await using producer = await startProducer()
  const { status, headers, body } = await producer.post(one(), { prefer: 'respond-async, return=minimal' })
  expect([status, body]).toEqual([202, { accepted: 1 }])
  expect(headers.get('preference-applied')).toBe('return=minimal')
})

test('a topic that TOPICS names is accepted, a full batch as well', async () => {
  await using producer = await startProducer({ TOPICS: 'orders,shared-events', PRODUCER_MAX_BATCH: '10000' })
  const messages = Array.from({ length: 10_000 }, (_, n) => ({ topic: 'orders', key: `${n}`, payload: n }))
  expect(await producer.post({ messages })).toMatchObject({ status: 202, body: { accepted: 10_000 } })
  expect((await producer.stored()).map(({ key }) => Number(key))).toEqual(messages.map((_, n) => n))
})

test('the metrics count answers, refusals, messages and batches', async () => {
  await using producer = await startProducer()
  await producer.post({ messages: [{ payload: 1 }, { payload: 2 }] })
  await producer.post('nonsense')
  await expect.poll(() => producer.registry.metrics()).toContain('outbox_producer_requests_total{status="400"} 1')
  const metrics = await producer.registry.metrics()
  expect(metrics).toContain('outbox_producer_requests_total{status="202"} 1')
  expect(metrics).toContain('outbox_producer_messages_accepted_total 2')
  expect(metrics).toContain('outbox_producer_batch_messages_sum 2')
  expect(metrics).toContain('outbox_producer_append_seconds_count 1')
  expect(metrics).toContain('outbox_producer_refused_total{reason="invalid-request"} 1')
  expect(metrics).toContain('outbox_producer_refused_total{reason="outcome-unknown"} 0')
  expect(metrics).toContain('outbox_producer_request_seconds_count 2')
  expect(metrics).toContain('outbox_producer_transaction_seconds_count 1')
  expect(metrics).toContain(
    `outbox_producer_accepted_bytes_total ${'{"messages":[{"payload":1},{"payload":2}]}'.length}`,
  )
  expect(metrics).toContain('outbox_database_wait_seconds_count 1')
  expect(metrics).toContain('outbox_producer_in_flight_requests 0')
  expect(metrics).toContain('outbox_producer_in_flight_bytes 0')
  expect(metrics).toContain('outbox_database_connections{state="idle"} 1')
})
