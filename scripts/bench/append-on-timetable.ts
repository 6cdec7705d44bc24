import { setTimeout as sleep } from 'node:timers/promises'
import { appendMessages, type OutboxMessage } from '@outbox/outbox/append-messages'
import type pg from 'pg'

/** A timetable of transactions, with one message each or more. */
export type Timetable = {
  /** messages */
  perSecond: number
  /** messages */
  perTransaction: number
  messages: number
  /** `dueNs`: when the timetable says that the message is appended, by `process.hrtime`. */
  message: (number: number, dueNs: number) => OutboxMessage
  signal: AbortSignal
}

/**
 * Appends messages when it's their time, however long those before them take (an open loop): a latency that counts
 * from `dueNs` holds what a slow system made them wait.
 */
export async function appendOnTimetable(
  pool: pg.Pool,
  { perSecond, perTransaction, messages, message, signal }: Timetable,
): Promise<void> {
  const startNs = Number(process.hrtime.bigint())
  const underWay: Promise<void>[] = []
  for (let first = 0; first < messages; ) {
    const dueNs = startNs + (first / perSecond) * 1e9
    if (dueNs > Number(process.hrtime.bigint())) {
      await sleep(1, undefined, { signal })
      continue
    }
    const length = Math.min(perTransaction, messages - first)
    const batch = Array.from({ length }, (_, index) => message(first + index, dueNs))
    underWay.push(appendTogether(pool, batch))
    first += length
  }
  await Promise.all(underWay)
}

async function appendTogether(pool: pg.Pool, messages: readonly OutboxMessage[]): Promise<void> {
  const client = await pool.connect()
  try {
    await Promise.all([client.query('begin'), appendMessages(client, messages), client.query('commit')])
  } finally {
    client.release()
  }
}
