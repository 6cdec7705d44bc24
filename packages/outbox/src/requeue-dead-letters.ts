import type pg from 'pg'
import { appendMessages, type OutboxMessage, originalIdHeader } from './append-messages.ts'
import { countDeadLetters, type DeadLetterFilter, deadLetterCondition, deadLetterValues } from './find-dead-letters.ts'

/**
 * Appends dead letters anew, in the order in which they were appended first, and takes them off the list: both in one
 * transaction a batch. Each gets a new id and place, since a place that is sent again behind later ones would be taken for a
 * duplicate; {@link originalIdHeader} keeps the first id. One that is refused once more becomes a dead letter again.
 * @param options.batch how many at once; they are in memory with their payloads
 * @returns how many went back into the outbox
 */
export async function requeueDeadLetters(
  pool: pg.Pool,
  filter: DeadLetterFilter,
  { batch = 20 }: { batch?: number } = {},
): Promise<number> {
  // Those that come back meanwhile have higher ids: without this bound one that is always refused would go round for ever.
  const { lastId } = await countDeadLetters(pool, filter)
  let requeued = 0
  for (;;) {
    const count = await requeueBatch(pool, filter, { lastId, batch })
    requeued += count
    if (count < batch) return requeued
  }
}

type Parked = {
  id: string
  message_id: string
  topic: string
  key: string | null
  payload: Buffer | null
  headers: Record<string, string> | null
}

async function requeueBatch(
  pool: pg.Pool,
  filter: DeadLetterFilter,
  { lastId, batch }: { lastId: bigint; batch: number },
): Promise<number> {
  const client = await pool.connect()
  let failed = true
  try {
    await client.query('begin')
    const { rows } = await client.query<Parked>(
      `select id, message_id, topic, key, payload, headers from outbox.dead_letter
       where ${deadLetterCondition} and id <= $7 order by id limit $8 for update`,
      [...deadLetterValues(filter), lastId, batch],
    )
    if (rows.length > 0) {
      await appendMessages(client, rows.map(outboxMessage), { originalIds: rows.map(originalIdOf) })
      await client.query('delete from outbox.dead_letter where id = any ($1::bigint[])', [rows.map(({ id }) => id)])
    }
    await client.query('commit')
    failed = false
    return rows.length
  } finally {
    // The end of the session rolls back what has failed.
    client.release(failed)
  }
}

function originalIdOf({ message_id, headers }: Parked): string {
  return headers?.[originalIdHeader] ?? message_id
}

function outboxMessage({ topic, key, payload, headers }: Parked): OutboxMessage {
  const { [originalIdHeader]: _, ...own } = headers ?? {}
  return { topic, key, payload, headers: own }
}
