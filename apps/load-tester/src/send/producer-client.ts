import { Pool } from 'undici'
import { postBatch } from './post-batch.ts'
import type { BatchTaker } from './settle-batch.ts'

/** A producer's address and its own name for itself. */
export type ProducerAddress = { name: string; url: string }

/** `requestTimeoutMs`: how long an answer may take; an answer that comes later is lost. */
export type ClientBounds = { connections: number; connectTimeoutMs: number; requestTimeoutMs: number }

/** A producer, over connections that are kept. `close` ends requests under way; their outcome is unknown then. */
export type ProducerClient = BatchTaker & { close(): Promise<void> }

/** Opens no connection before it is needed. */
export function createProducerClient(
  { name, url }: ProducerAddress,
  { connections, connectTimeoutMs, requestTimeoutMs }: ClientBounds,
): ProducerClient {
  const pool = new Pool(url, {
    connections,
    pipelining: 1,
    connect: { timeout: connectTimeoutMs },
    headersTimeout: requestTimeoutMs,
    bodyTimeout: requestTimeoutMs,
  })
  return {
    name,
    post: (request) => postBatch(pool, request),
    close: () => pool.destroy(),
  }
}
