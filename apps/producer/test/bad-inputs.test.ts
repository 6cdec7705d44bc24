import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { one, type ProducerUnderTest, startProducer } from './producer-under-test.ts'

// One producer for all of them: what is refused leaves nothing behind, which is what is checked after each.
let producer: ProducerUnderTest
beforeAll(async () => {
  producer = await startProducer({ PRODUCER_MAX_BODY_BYTES: '2000000', TOPICS: 'shared-events,orders' })
})
afterAll(() => producer[Symbol.asyncDispose]())
afterEach(async () => expect(await producer.stored()).toEqual([]))

async function refused(body: unknown, headers?: Record<string, string>) {
  const answer = await producer.post(body, headers)
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(answer.body).toMatchObject({ title: expect.any(String), status: answer.status, detail: expect.any(String) })
  return { status: answer.status, type: answer.body.type, errors: answer.body.errors ?? [], detail: answer.body.detail }
}

describe('the body', () => {
  test.each([
    ['empty', '', 'empty'],
    ['blank', ' \n', 'expected an object'],
    ['broken JSON', '{"messages":[{"payload":1}', 'expected "," or "]"'],
    ['more than one value', '{"messages":[{"payload":1}]} {}', 'nothing behind'],
    ['no object', '[]', 'expected an object'],
    ['a byte order mark', '\ufeff{"messages":[{"payload":1}]}', 'byte order mark'],
    ['a noncharacter', '{"messages":[{"payload":"\uffff"}]}', 'noncharacter'],
    ['nothing in it', '{}', '/messages is missing'],
    ['no list', '{"messages":{}}', 'expected an array'],
    ['an empty batch', '{"messages":[]}', 'empty'],
    ['an unknown field', '{"messages":[{"payload":1}],"more":1}', '/more is not a known field'],
    ['messages twice', '{"messages":[{"payload":1}],"messages":[]}', 'twice'],
    ['__proto__', '{"messages":[{"payload":1}],"__proto__":{}}', '__proto__'],
    ['no message', '{"messages":[null]}', 'expected an object'],
  ])('%s', async (_what, body, detail) => {
    expect(await refused(body)).toMatchObject({
      status: 400,
      type: 'invalid-request',
      detail: expect.stringContaining(detail),
    })
  })

  test('not UTF-8', async () => {
    const body = Buffer.from('{"messages":[{"payload":"\xff"}]}', 'latin1')
    expect(await refused(body)).toMatchObject({ status: 400, detail: expect.stringContaining('UTF-8') })
  })

  test('over the limit', async () => {
    expect(await refused(one({ payload: 'x'.repeat(2_000_000) }))).toMatchObject({ status: 413, type: 'too-large' })
  })

  test.each([
    'text/plain',
    'application/jsonp',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
  ])('of type %s', async (type) => {
    const answer = await refused(one(), { 'content-type': type })
    expect(answer).toMatchObject({ status: 415, type: 'unsupported-media-type' })
  })

  test('compressed', async () => {
    expect(await refused(one(), { 'content-encoding': 'gzip' })).toMatchObject({ status: 415 })
  })
})

describe('the batch', () => {
  test('over the limit', async () => {
    const messages = Array.from({ length: 1_001 }, (_, n) => ({ payload: n }))
    expect(await refused({ messages })).toMatchObject({ status: 413, errors: [{ path: '/messages' }] })
  })

  test('with one bad item among good ones is refused whole, and the item named', async () => {
    const messages = [{ payload: 1 }, { payload: 2 }, { payload: 3, key: '' }, { payload: 4 }]
    expect(await refused({ messages })).toMatchObject({ status: 400, errors: [{ path: '/messages/2/key' }] })
  })

  test('with many bad items names twenty of them', async () => {
    const messages = Array.from({ length: 500 }, () => ({ payload: 1, key: '' }))
    const { errors, detail } = await refused({ messages })
    expect(errors).toHaveLength(20)
    expect(detail).toContain('(and 499 more)')
  })
})

describe('a message', () => {
  test.each<[string, string, string, string]>([
    ['without payload', '{"key":"a"}', 'payload', 'missing'],
    ['with an unknown field', '{"payload":1,"partition":3}', 'partition', 'known field'],
    ['with an empty key', '{"payload":1,"key":""}', 'key', 'blank'],
    ['with a blank key', '{"payload":1,"key":" \\t\\u00a0"}', 'key', 'blank'],
    ['with a number as key', '{"payload":1,"key":17}', 'key', 'string'],
    ['with U+0000 in the key', '{"payload":1,"key":"a\\u0000b"}', 'key', 'U+0000'],
    ['with a lone surrogate in the key', '{"payload":1,"key":"\\ud800"}', 'key', 'partner'],
    ['with a key of 12 kB', `{"payload":1,"key":"${'k'.repeat(12_000)}"}`, 'key', '512 bytes'],
    ['with a key of 513 bytes of UTF-8', `{"payload":1,"key":"${'é'.repeat(257)}"}`, 'key', '512 bytes'],
    ['with a topic that is unknown', '{"payload":1,"topic":"other"}', 'topic', 'not allowed'],
    ['with a topic that is illegal', '{"payload":1,"topic":"or/ders"}', 'topic', 'not allowed'],
    ['with a topic that is empty', '{"payload":1,"topic":""}', 'topic', 'not allowed'],
    ['with a topic that is SQL', `{"payload":1,"topic":"'; drop table outbox.message"}`, 'topic', 'not allowed'],
    ['with a topic that is null', '{"payload":1,"topic":null}', 'topic', 'string'],
    ['with a tombstone without key', '{"payload":null}', 'key', 'tombstone'],
    ['with an unknown encoding', '{"payload":"1","encoding":"hex"}', 'encoding', 'unknown'],
    ['with encoding text and an object', '{"payload":{},"encoding":"text"}', 'payload', 'string'],
    ['with encoding base64 and a number', '{"payload":17,"encoding":"base64"}', 'payload', 'base64'],
    ['with broken base64', '{"payload":"ab%=","encoding":"base64"}', 'payload', 'base64'],
    ['with base64 without padding', '{"payload":"YQ","encoding":"base64"}', 'payload', 'base64'],
    ['with base64url', '{"payload":"_-8=","encoding":"base64"}', 'payload', 'base64'],
    ['with headers that are null', '{"payload":1,"headers":null}', 'headers', 'object'],
    ['with headers that are a list', '{"payload":1,"headers":[]}', 'headers', 'object'],
    ['with a header that is null', '{"payload":1,"headers":{"a":null}}', 'headers/a', 'string'],
    ['with a header that is a number', '{"payload":1,"headers":{"a":1}}', 'headers/a', 'string'],
    ['with CR and LF in a header', '{"payload":1,"headers":{"a":"b\\r\\nc: d"}}', 'headers/a', 'control'],
    ['with U+0000 in a header', '{"payload":1,"headers":{"a":"\\u0000"}}', 'headers/a', 'control'],
    ['with an empty header name', '{"payload":1,"headers":{"":"b"}}', 'headers/', 'visible ASCII'],
    ['with a header name beyond ASCII', '{"payload":1,"headers":{"ä/b":"c"}}', 'headers/ä~1b', 'visible ASCII'],
    ['with a header outbox-place', '{"payload":1,"headers":{"Outbox-Place":"b"}}', 'headers/Outbox-Place', 'reserved'],
    ['with a header traceparent', '{"payload":1,"headers":{"traceparent":"b"}}', 'headers/traceparent', 'reserved'],
    ['with a header tracestate', '{"payload":1,"headers":{"TRACESTATE":"b"}}', 'headers/TRACESTATE', 'reserved'],
    ['with a header twice', '{"payload":1,"headers":{"a":"b","a":"c"}}', 'headers', 'twice'],
    ['with __proto__ as a header', '{"payload":1,"headers":{"__proto__":"b"}}', 'headers', '__proto__'],
    ['with a field twice', '{"payload":1,"payload":2}', '', 'twice'],
  ])('%s', async (_what, message, field, problem) => {
    const answer = await refused(`{"messages":[{"payload":0},${message}]}`)
    expect(answer).toMatchObject({ status: 400, type: 'invalid-request' })
    expect(answer.errors[0]?.path).toMatch(new RegExp(`^/messages/1${field === '' ? '' : `/${field}`}`))
    expect(answer.errors[0]?.message).toContain(problem)
  })

  test('with 10,000 headers', async () => {
    const headers = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`h${n}`, 'v']))
    expect(await refused(one({ headers }))).toMatchObject({ status: 400, errors: [{ path: '/messages/0/headers' }] })
  })

  test('with headers of more than 16,000 bytes', async () => {
    const headers = { a: 'x'.repeat(8_000), b: 'x'.repeat(8_000) }
    expect(await refused(one({ headers }))).toMatchObject({ status: 400, errors: [{ path: '/messages/0/headers' }] })
  })

  test('with a payload just over the limit, counted in bytes', async () => {
    const answer = await refused({ messages: [{ payload: 1 }, { encoding: 'text', payload: 'é'.repeat(450_001) }] })
    expect(answer).toMatchObject({ status: 413, type: 'too-large', errors: [{ path: '/messages/1/payload' }] })
  })
})

describe('a JSON payload', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  test.each([
    ['1e400', '1e400', '', 'double'],
    ['an integer above 2^53', '{"a":[9007199254740993]}', '/a/0', '2^53'],
    ['a name twice', '{"a":1,"a":2}', '', 'twice'],
    ['__proto__', '{"a":{"__proto__":{"b":1}}}', '/a', '__proto__'],
    ['a lone surrogate', '["\\udead"]', '/0', 'partner'],
    ['a raw control character', '"\u0001"', '', 'control character'],
    ['5,000 levels', nested(5_000), '/0', 'nested deeper'],
    ['100,000 levels', nested(100_000), '/0', 'nested deeper'],
    ['NaN', 'NaN', '', 'no JSON value'],
    ['single quotes', "'a'", '', 'no JSON value'],
    ['a comma too many', '[1,]', '/1', 'no JSON value'],
  ])('with %s', async (_what, payload, path, problem) => {
    const answer = await refused(`{"messages":[{"payload":${payload}}]}`)
    expect(answer.status).toBe(400)
    expect(answer.errors[0]?.path).toMatch(new RegExp(`^/messages/0/payload${path}`))
    expect(answer.errors[0]?.message).toContain(problem)
  })
})

test('the default topic must be allowed, too', async () => {
  await using other = await startProducer({ TOPICS: 'orders' })
  const { status, body } = await other.post(one())
  expect([status, body.errors?.[0]?.path]).toEqual([400, '/messages/0/topic'])
  expect(await other.post(one({ topic: 'orders' }))).toMatchObject({ status: 202 })
})

test('other methods are answered 405, other paths 404', async () => {
  const put = await fetch(`${producer.url}/messages`, { method: 'PUT' })
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST'])
  expect((await fetch(`${producer.url}/message`)).status).toBe(404)
})
