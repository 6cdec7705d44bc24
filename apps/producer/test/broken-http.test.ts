import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { one, startProducer } from './producer-under-test.ts'
import { rawExchange } from './raw-connection.ts'

const body = JSON.stringify(one())
const head = (length: number, more = '') =>
  `POST /messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${more}\r\n`

test('a body that is shorter than its content-length is answered 408 after a time-out', async () => {
  await using producer = await startProducer({ PRODUCER_REQUEST_TIMEOUT_MS: '300' })
  const answer = await rawExchange(producer.port, [head(body.length + 1) + body])
  expect(answer).toMatch(/^HTTP\/1.1 408 .*application\/problem\+json.*"status":408/s)
  expect(await producer.stored()).toEqual([])
})

test('a body that is longer than its content-length is cut there, and what is left over is no request', async () => {
  await using producer = await startProducer()
  const cut = await rawExchange(producer.port, [head(body.length - 1) + body])
  expect(cut).toMatch(/^HTTP\/1.1 400 .*"type":"invalid-request"/s)
  expect(await producer.stored()).toEqual([])

  const accepted = await rawExchange(producer.port, [`${head(body.length)}${body}more\r\n\r\n`])
  expect(accepted, 'what was committed is answered 202, whatever follows it').toMatch(/^HTTP\/1.1 202 /)
  expect(await producer.stored()).toHaveLength(1)
})

test('a body that trickles in is answered 408 after a time-out, however long it goes on', async () => {
  await using producer = await startProducer({ PRODUCER_REQUEST_TIMEOUT_MS: '300' })
  const answer = await rawExchange(producer.port, [head(body.length), ...body], { pauseMs: 100 })
  expect(answer).toMatch(/^HTTP\/1.1 408 /)
  expect(await producer.stored()).toEqual([])
})

test('a body that comes in single bytes, but in time, is accepted', async () => {
  await using producer = await startProducer()
  const answer = await rawExchange(producer.port, [head(body.length), ...body], { pauseMs: 1, until: /}/ })
  expect(answer).toMatch(/^HTTP\/1.1 202 /)
})

test.each([
  ['10,000 headers', head(body.length, Array.from({ length: 10_000 }, (_, n) => `h${n}: v\r\n`).join('')), 431],
  ['content-length twice', head(body.length, 'Content-Length: 5\r\n'), 400],
  ['a negative content-length', head(-5), 400],
  ['content-length and chunks', head(body.length, 'Transfer-Encoding: chunked\r\n'), 400],
  ['no HTTP at all', 'hello\r\n\r\n', 400],
])('%s', async (_what, request, status) => {
  await using producer = await startProducer()
  expect(await rawExchange(producer.port, [request + body])).toMatch(
    new RegExp(`^HTTP/1.1 ${status} .*application/problem\\+json.*"status":${status}`, 's'),
  )
  expect(await producer.stored()).toEqual([])
})

test('a client that leaves in the middle of its body leaves nothing behind', async () => {
  await using producer = await startProducer({ PRODUCER_MAX_IN_FLIGHT: '1' })
  const socket = connect(producer.port, '127.0.0.1')
  socket.write(head(body.length) + body.slice(0, 10), () => socket.destroy())
  await expect.poll(() => producer.post(one())).toMatchObject({ status: 202 })
  expect(await producer.stored()).toHaveLength(1)
})
