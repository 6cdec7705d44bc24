import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createHttpServer } from '../src/http-server.ts'
import { listen } from '../src/listen.ts'
import { Problem } from '../src/problem.ts'

async function start(routes: (app: FastifyInstance) => void) {
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(line) })
  const app = createHttpServer({ logger, signal: new AbortController().signal, bodyLimitBytes: 100 })
  routes(app)
  const port = await listen(app, { host: '127.0.0.1', port: 0 })
  return { app, port, url: `http://127.0.0.1:${port}`, lines, [Symbol.asyncDispose]: () => app.close() }
}

const json = { 'content-type': 'application/json' }

test('a problem that is thrown is the answer', async () => {
  await using server = await start((app) => {
    app.get('/', () => {
      const document = {
        type: 'busy',
        title: 'Busy',
        status: 503,
        detail: 'later',
        errors: [{ path: '/a', message: 'b' }],
      }
      throw new Problem(document, { retryAfterSeconds: 3 })
    })
  })
  const answer = await fetch(server.url)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '3'])
  expect(await answer.json()).toEqual({
    type: 'busy',
    title: 'Busy',
    status: 503,
    detail: 'later',
    errors: [{ path: '/a', message: 'b' }],
  })
})

test('what failed inside is logged, not shown', async () => {
  await using server = await start((app) => {
    app.get('/', () => {
      throw new Error('geheim')
    })
  })
  const answer = await fetch(server.url)
  expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('geheim')])
  expect(server.lines.join()).toContain('geheim')
})

test('a failure is logged with the trace of its request, and with what the problem has for the log', async () => {
  await using server = await start((app) => {
    app.get('/', () => {
      const document = { type: 'busy', title: 'Busy', status: 503, detail: 'later' }
      throw new Problem(document, { logged: { messageId: 'm-1' } })
    })
  })
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  for (const traceparent of [`00-${traceId}-b7ad6b7169203331-01`, `00-${traceId}`]) {
    expect(await (await fetch(server.url, { headers: { traceparent } })).text()).not.toContain('m-1')
  }
  const [traced, untraced] = server.lines.slice(-2).map((line) => JSON.parse(line))
  expect(traced).toMatchObject({ level: 40, problem: 'busy', status: 503, messageId: 'm-1', traceId, msg: 'later' })
  expect(untraced).not.toHaveProperty('traceId')
})

test('input is neither coerced nor stripped, and the field that is wrong is named', async () => {
  await using server = await start((app) => {
    const properties = { n: { type: 'integer' } }
    app.post(
      '/',
      { schema: { body: { type: 'object', properties, additionalProperties: false } } },
      (request) => request.body,
    )
  })
  const post = (body: string) => fetch(server.url, { method: 'POST', headers: json, body })
  expect(await (await post('{"n":"1"}')).json()).toMatchObject({ status: 400, errors: [{ path: '/n' }] })
  expect((await post('{"more":1}')).status).toBe(400)
  expect(await (await post('{"n":1}')).json()).toEqual({ n: 1 })
  expect(await (await post(`{"n":${'1'.repeat(200)}}`)).json()).toMatchObject({ status: 413, type: 'too-large' })
  const text = await fetch(server.url, { method: 'POST', headers: { 'content-type': 'a/b' }, body: 'x' })
  expect(await text.json()).toMatchObject({ status: 415, type: 'unsupported-media-type' })
})

test('broken HTTP behind a whole request waits for the answer to that request', async () => {
  const gate = Promise.withResolvers<void>()
  await using server = await start((app) => {
    app.get('/', async () => {
      await gate.promise
      return 'whole'
    })
  })
  const socket = connect(server.port, '127.0.0.1')
  let received = ''
  socket.on('data', (data) => {
    received += data
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n')
  setTimeout(gate.resolve, 100)
  await closed
  expect(received).toMatch(/^HTTP\/1.1 200 .*whole$/s)
})
