import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { startTcpProxy, type TcpProxy } from '../src/tcp-proxy.ts'

test('what passes comes out as it went in, whatever its size, and the end with it', async () => {
  await using service = await startEcho()
  await using proxy = await startTcpProxy(service)
  const client = await connectTo(proxy)
  const sent = Buffer.alloc(5_000_000, 'outbox')
  client.end(sent)
  expect(Buffer.concat(await client.toArray()).equals(sent)).toBe(true)
})

test('a held connection loses nothing: what was sent meanwhile arrives afterwards, in order', async () => {
  await using service = await startEcho()
  await using proxy = await startTcpProxy(service)
  const client = await connectTo(proxy)
  client.write('before ')
  await expect.poll(() => service.received).toBe('before ')
  proxy.mode = { kind: 'hold' }
  for (const word of ['while ', 'held ']) client.write(word)
  const late = await connectTo(proxy)
  late.write('late')
  // What passes is echoed at once; a connection of our own shows that the others had their time.
  await using other = await startTcpProxy(service)
  const unheld = await connectTo(other)
  unheld.end('unheld')
  expect(String(Buffer.concat(await unheld.toArray()))).toBe('unheld')
  expect(service.received).toBe('before unheld')
  proxy.mode = { kind: 'pass' }
  client.end('after')
  expect(String(Buffer.concat(await client.toArray()))).toBe('before while held after')
  late.end()
  expect(String(Buffer.concat(await late.toArray()))).toBe('late')
})

test('a client that leaves while its connection is held leaves the service as well, once it is not', async () => {
  await using service = await startEcho()
  await using proxy = await startTcpProxy(service)
  const client = await connectTo(proxy)
  client.write('x')
  await expect.poll(() => service.received).toBe('x')
  proxy.mode = { kind: 'hold' }
  client.destroy()
  proxy.mode = { kind: 'pass' }
  await expect.poll(() => service.connections()).toBe(0)
})

test('a delay counts in each direction, and does not add up over what is sent in one go', async () => {
  await using service = await startEcho()
  await using proxy = await startTcpProxy(service)
  const client = await connectTo(proxy)
  proxy.mode = { kind: 'delay', ms: 100 }
  const startedAt = performance.now()
  for (let n = 0; n < 20; n++) {
    client.write(String(n % 10))
    await new Promise(setImmediate)
  }
  client.end()
  expect(String(Buffer.concat(await client.toArray()))).toBe('01234567890123456789')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200)
})

test('slices come one byte at a time, and are the whole when put together', async () => {
  await using service = await startEcho()
  await using proxy = await startTcpProxy(service)
  proxy.mode = { kind: 'slice' }
  const client = await connectTo(proxy)
  client.end(TEXT)
  const pieces: Buffer[] = await client.toArray()
  expect(String(Buffer.concat(pieces))).toBe(TEXT)
  expect(pieces.length).toBeGreaterThan(1)
})

test('an answer is lost after the service got the request: the client sees a reset', async () => {
  await using service = await startEcho()
  await using proxy = await startTcpProxy(service)
  const client = await connectTo(proxy)
  proxy.mode = { kind: 'lose-answer', to: (request) => request.includes('commit') }
  client.write('begin')
  expect(String(await nextChunk(client))).toBe('begin')
  client.write('commit')
  await expect(once(client, 'close')).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(service.received).toBe('begincommit')
})

test('new connections are refused, open ones go on until they are cut', async () => {
  await using service = await startEcho()
  await using proxy = await startTcpProxy(service)
  const client = await connectTo(proxy)
  proxy.mode = { kind: 'refuse' }
  client.write('still here')
  expect(String(await nextChunk(client))).toBe('still here')
  const refused = await connectTo(proxy)
  expect(await refused.toArray().catch(() => [])).toEqual([])
  proxy.cut()
  expect(await client.toArray().catch(() => [])).toEqual([])
})

test('a URL leads through it', async () => {
  await using proxy = await startTcpProxy({ host: '127.0.0.1', port: 1 })
  expect(proxy.through('postgres://me:secret@db.example:5432/outbox?x=1')).toBe(
    `postgres://me:secret@127.0.0.1:${proxy.port}/outbox?x=1`,
  )
})

const TEXT = 'a few bytes, and many more'.repeat(20)

async function startEcho() {
  let received = ''
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      if (received.length < 1_000) received += chunk
    })
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    get received() {
      return received
    },
    connections: () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))),
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}

async function connectTo({ port }: TcpProxy): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  return socket
}

async function nextChunk(socket: Socket): Promise<Buffer> {
  const [chunk] = await once(socket, 'data')
  socket.pause().removeAllListeners('data')
  return chunk
}
