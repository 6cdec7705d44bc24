import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { one, type ProducerUnderTest, startProducer } from './producer-under-test.ts'
import { rawExchange } from './raw-connection.ts'

const body = JSON.stringify(one())
const head = (length: number, more = '') =>
  `POST /messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${more}\r\n`

let producer: ProducerUnderTest
beforeAll(async () => {
  producer = await startProducer({ PRODUCER_REQUEST_TIMEOUT_MS: '1000', PRODUCER_MAX_IN_FLIGHT: '1' })
})
afterAll(() => producer[Symbol.asyncDispose]())

/** Expects a problem document, and that nothing was accepted. */
async function expectRefused(parts: string[], status: number, pauseMs = 0): Promise<void> {
  const before = await producer.stored()
  const answer = await rawExchange(producer.port, parts, { pauseMs })
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*application/problem\\+json.*"status":${status}`, 's'))
  expect(await producer.stored()).toEqual(before)
}

test('a body that is shorter than its content-length is answered 408 after a time-out', () =>
  expectRefused([head(body.length + 1) + body], 408))

test('a body that trickles in is answered 408 after a time-out, however long it goes on', () =>
  expectRefused([head(body.length), ...body], 408, 500))

test('a body that is longer than its content-length is cut there', () =>
  expectRefused([head(body.length - 1) + body], 400))

test('what is left over behind a body is no request, and does not change the answer', async () => {
  const before = await producer.stored()
  const accepted = await rawExchange(producer.port, [`${head(body.length)}${body}more\r\n\r\n`])
  expect(accepted).toMatch(/^HTTP\/1.1 202 /)
  expect(await producer.stored()).toHaveLength(before.length + 1)
})

test('a body that comes in single bytes is accepted', async () => {
  expect(await rawExchange(producer.port, [head(body.length), ...body], { until: /}/ })).toMatch(/^HTTP\/1.1 202 /)
})

test.each([
  ['10,000 headers', head(body.length, Array.from({ length: 10_000 }, (_, n) => `h${n}: v\r\n`).join('')), 431],
  ['content-length twice', head(body.length, 'Content-Length: 5\r\n'), 400],
  ['a negative content-length', head(-5), 400],
  ['content-length and chunks', head(body.length, 'Transfer-Encoding: chunked\r\n'), 400],
  ['no HTTP at all', 'hello\r\n\r\n', 400],
])('%s', (_what, request, status) => expectRefused([request + body], status))

test('a client that leaves in the middle of its body leaves nothing behind, and makes room for the next', async () => {
  const before = await producer.stored()
  const socket = connect(producer.port, '127.0.0.1')
  socket.write(head(body.length) + body.slice(0, 10), () => socket.destroy())
  await expect.poll(() => producer.post(one())).toMatchObject({ status: 202 })
  expect(await producer.stored()).toHaveLength(before.length + 1)
})
