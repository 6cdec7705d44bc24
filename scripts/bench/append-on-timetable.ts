import { setTimeout as sleep } from 'node:timers/promises'
import { appendMessages, type OutboxMessage } from '@outbox/outbox/append-messages'
import type pg from 'pg'

/** A timetable of transactions with one message each. */
export type Timetable = {
  perSecond: number
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
  { perSecond, messages, message, signal }: Timetable,
): Promise<void> {
  const startNs = Number(process.hrtime.bigint())
  const underWay: Promise<void>[] = []
  while (underWay.length < messages) {
    const dueNs = startNs + (underWay.length / perSecond) * 1e9
    if (dueNs > Number(process.hrtime.bigint())) await sleep(1, undefined, { signal })
    else underWay.push(appendAlone(pool, message(underWay.length, dueNs)))
  }
  await Promise.all(underWay)
}

async function appendAlone(pool: pg.Pool, message: OutboxMessage): Promise<void> {
  const client = await pool.connect()
  try {
    await Promise.all([client.query('begin'), appendMessages(client, [message]), client.query('commit')])
  } finally {
    client.release()
  }
}
