import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createProducerClient } from '../src/send/producer-client.ts'

const timeouts = { connectTimeoutMs: 500, requestTimeoutMs: 400 }
const request = { body: '{"messages":[{"key":"Ω","payload":1}]}', idempotencyKey: 'run-1/0', messages: 1 }
const accepted = 'HTTP/1.1 202 Accepted\r\ncontent-length: 14\r\n\r\n{"accepted":1}'

/** Hands over each request as it came, and the connection to answer it on. */
async function rawServer(onRequest: (socket: Socket, text: string) => void) {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => onRequest(socket, chunk.toString()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = createProducerClient({ name: 'raw', url }, timeouts)
  return {
    client,
    sockets,
    async [Symbol.asyncDispose]() {
      client.close()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('a request is HTTP as it should be, its length in bytes', async () => {
  let received = ''
  await using raw = await rawServer((socket, text) => {
    received += text
    socket.write(accepted)
  })
  expect(await raw.client.post(request)).toEqual({ result: 'accepted' })
  const [head = '', body] = received.split('\r\n\r\n')
  expect(head.split('\r\n')).toEqual([
    'POST /messages HTTP/1.1',
    expect.stringMatching(/^host: 127\.0\.0\.1:\d+$/),
    'content-type: application/json',
    'prefer: return=minimal',
    'idempotency-key: run-1/0',
    `content-length: ${Buffer.byteLength(request.body)}`,
  ])
  expect(body).toBe(request.body)
})

test('connections are kept, and there are as many as requests at once', async () => {
  const waiting: Socket[] = []
  await using raw = await rawServer((socket) => void waiting.push(socket))
  for (let round = 1; round <= 2; round += 1) {
    const three = [0, 1, 2].map(() => raw.client.post(request))
    await expect.poll(() => waiting.length).toBe(3)
    for (const socket of waiting.splice(0)) socket.write(accepted)
    expect(await Promise.all(three)).toEqual(Array(3).fill({ result: 'accepted' }))
  }
  expect(raw.sockets.size).toBe(3)
})

test('a connection that the server is about to close is not used again', async () => {
  await using raw = await rawServer((socket) => {
    const header = raw.sockets.size === 1 ? 'connection: close' : 'keep-alive: timeout=1'
    socket.write(accepted.replace('\r\n\r\n', `\r\n${header}\r\n\r\n`))
  })
  for (let nth = 1; nth <= 3; nth += 1) expect(await raw.client.post(request)).toEqual({ result: 'accepted' })
  expect(raw.sockets.size).toBe(3)
})

test.each<[string, (socket: Socket) => void, string]>([
  ['is reset', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
  ['is closed in the midst of the answer', (socket) => socket.end('HTTP/1.1 202 A\r\ncontent-le'), 'CONNECTION_CLOSED'],
  ['has no answer in time', () => {}, 'ANSWER_TIMEOUT'],
  ['brings something else', (socket) => socket.write('220 mail.example ESMTP\r\n\r\n'), 'BAD_ANSWER'],
])('where a connection %s, the outcome is uncertain', async (_, behave, code) => {
  await using raw = await rawServer(behave)
  expect(await raw.client.post(request)).toMatchObject({ result: 'uncertain', code })
})

test('a client that is closed ends what is under way, and sends nothing more', async () => {
  await using raw = await rawServer(() => raw.client.close())
  expect(await raw.client.post(request)).toMatchObject({ result: 'uncertain', code: 'CLOSED' })
  expect(await raw.client.post(request)).toMatchObject({ result: 'not-accepted', code: 'CLOSED' })
})

test('where nobody listens, nothing was sent', async () => {
  const dead = createProducerClient({ name: 'dead', url: 'http://127.0.0.1:9' }, timeouts)
  expect(await dead.post(request)).toMatchObject({ result: 'not-accepted', code: 'ECONNREFUSED' })
})
