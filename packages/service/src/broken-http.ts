import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { ProblemDocument } from './problem.ts'

/** What isn't HTTP never becomes a request: it is answered on the bare socket. */
export type BrokenHttp = {
  /** Fastify's `clientErrorHandler`. */
  answer(error: Error & { code?: string }, socket: Socket): void
  /** Watches the requests that are HTTP. */
  watch(app: FastifyInstance): void
}

/**
 * Answers what is not HTTP with a problem document. A whole request that stands before it on the same connection gets
 * its own answer first: "400" must never be read as the answer to messages that are being committed.
 */
export function createBrokenHttp(): BrokenHttp {
  const connections = new WeakMap<Socket, Connection>()
  return {
    answer(error, socket) {
      if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
      const connection = connections.get(socket)
      if (connection === undefined || !hasWholeRequest(connection)) return void socket.end(brokenAnswer(error.code))
      connection.broken = true
    },
    watch(app) {
      app.addHook('onRequest', async ({ raw }, reply) => {
        const connection = connections.get(raw.socket) ?? { requests: new Set(), broken: false }
        connections.set(raw.socket, connection)
        connection.requests.add(raw)
        reply.raw.once('close', () => {
          connection.requests.delete(raw)
          if (connection.broken && !hasWholeRequest(connection)) raw.socket.end()
        })
      })
    },
  }
}

/** `requests` are those that have not been answered yet. */
type Connection = { requests: Set<IncomingMessage>; broken: boolean }

function hasWholeRequest({ requests }: Connection): boolean {
  return [...requests].some(({ complete }) => complete)
}

const answers: Record<string, { status: number; detail: string }> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'the request took too long to arrive' },
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'the headers are too large' },
}

function brokenAnswer(code = ''): string {
  const { status, detail } = answers[code] ?? { status: 400, detail: 'this is not valid HTTP/1.1' }
  const title = STATUS_CODES[status] ?? 'Error'
  const document: ProblemDocument = { type: 'about:blank', title, status, detail }
  const body = JSON.stringify(document)
  const headers = `Content-Type: application/problem+json\r\nContent-Length: ${body.length}\r\nConnection: close`
  return `HTTP/1.1 ${status} ${title}\r\n${headers}\r\n\r\n${body}`
}
