import { appendMessages, type OutboxMessage } from '@outbox/outbox/append-messages'
import type pg from 'pg'
import { appendBatches } from './append-batches.ts'

const batchSize = 500
const connections = 4

/** Puts messages into the outbox, as many as `messages` says. */
export async function fillOutbox(
  pool: pg.Pool,
  { messages, message, signal }: { messages: number; message: (number: number) => OutboxMessage; signal: AbortSignal },
): Promise<void> {
  await appendBatches(pool, {
    batches: Math.ceil(messages / batchSize),
    connections,
    append: (tx, batch) => {
      const first = batch * batchSize
      const length = Math.min(batchSize, messages - first)
      return appendMessages(
        tx,
        Array.from({ length }, (_, index) => message(first + index)),
      )
    },
    signal,
  })
}
