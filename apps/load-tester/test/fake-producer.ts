import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** A request as the producer got it. */
export type ReceivedBatch = { key: string; body: string; messages: ReceivedMessage[] }
export type ReceivedMessage = { key: string; payload: unknown; headers: { loadtest: string } }

/**
 * What becomes of a request: `accept` commits and answers 202; `lose` commits, but the connection breaks before the
 * answer; a status is answered without a commit.
 */
export type Behaviour = 'accept' | 'lose' | { status: number; type?: string; retryAfterSeconds?: number }

/** What producers have committed, by idempotency key: they share a database. */
export type Committed = Map<string, ReceivedBatch>

/** A producer without an outbox; leaving the scope closes it. */
export type FakeProducer = AsyncDisposable & {
  name: string
  url: string
  received: ReceivedBatch[]
  /** Closes the port and all connections: as if it were killed. */
  kill(): Promise<void>
}

export async function fakeProducer(options: {
  name: string
  committed: Committed
  behave?: (batch: ReceivedBatch, nth: number) => Behaviour
  onCommit?: (batch: ReceivedBatch) => Promise<void>
  /** Any that is free, unless it's given. */
  port?: number
  /** In PEM: the producer is one of `https://localhost` then. */
  tls?: { key: string; cert: string }
}): Promise<FakeProducer> {
  const { name, committed, behave = () => 'accept', onCommit, port: wanted = 0, tls } = options
  const received: ReceivedBatch[] = []

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/health/ready') {
      response.end(JSON.stringify({ status: 'ready', instance: name }))
      return
    }
    const batch = await readBatch(request)
    received.push(batch)
    const behaviour = behave(batch, received.length)
    if (typeof behaviour === 'object') return refuse(response, behaviour)
    if (!committed.has(batch.key)) {
      committed.set(batch.key, batch)
      await onCommit?.(batch)
    }
    if (behaviour === 'lose') request.socket.destroy()
    else response.writeHead(202).end(JSON.stringify({ accepted: batch.messages.length }))
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse) => void answer(request, response)
  const server = tls ? createSecureServer(tls, onRequest) : createServer(onRequest)
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve))
  const kill = async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  const { port } = server.address() as AddressInfo
  const url = tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`
  return { name, url, received, kill, [Symbol.asyncDispose]: kill }
}

async function readBatch(request: IncomingMessage): Promise<ReceivedBatch> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return { key: String(request.headers['idempotency-key']), body, messages: JSON.parse(body).messages }
}

function refuse(response: ServerResponse, { status, type, retryAfterSeconds }: Exclude<Behaviour, string>): void {
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds)
  response.writeHead(status, { 'content-type': 'application/problem+json' })
  response.end(
    JSON.stringify({ type: type ?? 'about:blank', title: 'Refused', status, detail: 'as the test wants it' }),
  )
}
