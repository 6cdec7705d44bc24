import { type Attempt, type BatchRequest, classifyAnswer, classifyFailure } from './attempt.ts'
import { HttpConnection, type Timeouts } from './http-connection.ts'
import type { BatchTaker } from './settle-batch.ts'

/** A producer's address and its own name for itself. */
export type ProducerAddress = { name: string; url: string }

/** A producer, over connections that are kept. `close` ends requests under way; their outcome is unknown then. */
export type ProducerClient = BatchTaker & { close(): void }

/** Opens a connection where all that there are wait for an answer: there are as many as requests at once, at most. */
export function createProducerClient({ name, url }: ProducerAddress, timeouts: Timeouts): ProducerClient {
  const origin = new URL(url)
  const sameHead = `POST /messages HTTP/1.1\r\nhost: ${origin.host}\r\ncontent-type: application/json\r\nprefer: return=minimal\r\n`
  const all = new Set<HttpConnection>()
  const idle: HttpConnection[] = []
  let closed = false

  function take(): HttpConnection {
    for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
      if (connection.usable()) return connection
      connection.close()
    }
    const connection = new HttpConnection(origin, timeouts, (gone) => all.delete(gone))
    all.add(connection)
    return connection
  }

  async function post({ body, idempotencyKey, messages }: BatchRequest): Promise<Attempt> {
    if (closed) return { result: 'not-accepted', code: 'CLOSED', detail: 'nothing more is sent' }
    const connection = take()
    const bytes = Buffer.byteLength(body)
    const head = `${sameHead}idempotency-key: ${idempotencyKey}\r\ncontent-length: ${bytes}\r\n\r\n`
    try {
      const answer = await connection.send(head + body, bytes === body.length ? 'latin1' : 'utf8')
      if (connection.usable()) idle.push(connection)
      return classifyAnswer(answer, messages)
    } catch (error) {
      return classifyFailure(error)
    }
  }

  return {
    name,
    post,
    close() {
      closed = true
      for (const connection of all) connection.close()
    },
  }
}
