import fc from 'fast-check'
import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { Messages } from '../src/message-schema.ts'
import { readMessages } from '../src/read-messages.ts'
import { startProducer } from './producer-under-test.ts'

test('/docs/json describes the request and every answer', async () => {
  await using producer = await startProducer()
  const response = await producer.app.inject('/docs/json')
  const description = response.json()
  expect(description).toMatchObject({ openapi: '3.1.0' })
  const { post } = description.paths['/messages']
  expect(Object.keys(post.responses).map(Number)).toEqual([202, 400, 408, 409, 413, 415, 422, 431, 500, 503])
  expect(post.requestBody.content['application/json'].schema.properties.messages.items.properties).toMatchObject({
    topic: {},
    key: {},
    payload: {},
    encoding: { enum: ['json', 'text', 'base64'] },
    headers: { maxProperties: 32, propertyNames: { pattern: '^[!-~]{1,255}$' } },
  })
  expect(post.parameters.map(({ name }: { name: string }) => name)).toEqual([
    'idempotency-key',
    'traceparent',
    'prefer',
  ])
  expect(post.responses[503].content['application/problem+json'].schema.properties).toMatchObject({ type: {} })
  expect(post.description).toContain('RFC 7493')
  expect(Object.keys(description.paths)).toEqual(['/health/live', '/health/ready', '/metrics', '/messages'])
})

test('/docs works without the internet', async () => {
  await using producer = await startProducer()
  const page = await (await fetch(`${producer.url}/docs/`)).text()
  const assets = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)
  expect(assets.length).toBeGreaterThan(3)
  for (const path of assets) {
    const url = new URL(path, `${producer.url}/docs/`)
    expect(url.origin).toBe(producer.url)
    const asset = await fetch(url)
    expect([path, asset.status]).toEqual([path, 200])
    if (path.includes('initializer')) expect(await asset.text()).toContain('"validatorUrl":null')
  }
})

test('what the description forbids the reader refuses, and what it allows the reader takes', () => {
  const text = fc.oneof(fc.constantFrom('', ' ', 'a', 'outbox-x', 'a\nb', 'é', 'x'.repeat(513)), fc.string())
  const value = fc.oneof(text, fc.constant(null), fc.integer())
  const message = fc.record(
    {
      topic: fc.constantFrom<unknown>('shared-events', 7, null),
      key: value,
      payload: fc.constantFrom<unknown>(1, 'YQ==', { a: 1 }),
      encoding: fc.constantFrom<unknown>('json', 'hex', 1, null),
      headers: fc.oneof(fc.dictionary(text, value, { noNullPrototype: true }), value),
      more: fc.constant(1),
    },
    { requiredKeys: ['payload'] },
  )
  const body = fc.record({ messages: fc.array(message, { maxLength: 3 }) })
  fc.assert(
    fc.property(body, (given) => {
      const json = Buffer.from(JSON.stringify(given))
      const described = Value.Check(Messages, given) && !saysMoreThanItsSchema(given)
      expect(isRead(json), json.toString()).toBe(described)
    }),
    { numRuns: 500 },
  )
})

/** Rules that stand in the descriptions, since JSON Schema can't say them. */
function saysMoreThanItsSchema(given: { messages: { key?: unknown; headers?: unknown }[] }): boolean {
  return given.messages.some(({ key, headers }) => {
    const names = Object.keys(headers ?? {})
    const reserved = names.some((name) => /^(outbox-|trace(parent|state)$|__proto__$)/i.test(name))
    return reserved || (typeof key === 'string' && (key.includes('\0') || Buffer.byteLength(key) > 512))
  })
}

function isRead(body: Buffer): boolean {
  try {
    readMessages(body, { topics: new Set(['shared-events']), maxBatch: 10, maxPayloadBytes: 1_000 })
    return true
  } catch {
    return false
  }
}
