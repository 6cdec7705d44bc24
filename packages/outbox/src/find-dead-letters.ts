import { originalIdHeader } from './append-messages.ts'
import type { Queryable } from './queryable.ts'

/** Which of the parked messages; what is left out doesn't matter. */
export type DeadLetterFilter = {
  ids?: readonly bigint[]
  topic?: string
  key?: string
  /** Kafka's code, or ours: `MESSAGE_TOO_LARGE`, `TOPIC_NOT_ALLOWED`, `KEY_HELD`. */
  code?: string
  /** Parked at least so long ago: an interval as PostgreSQL reads it, such as `2h`. */
  olderThan?: string
  /** Whether it may be in the topic nevertheless. */
  ambiguous?: boolean
}

/** A message that is parked, as an operator sees it. One that was sent again and isn't confirmed yet is none. */
export type DeadLetter = {
  /** The row's id in the outbox, by which commands name it. */
  id: bigint
  messageId: string
  /** Under which it was appended first, where it was sent again before. */
  originalId: string | null
  topic: string
  key: string | null
  /** Of the payload; null for a tombstone. */
  bytes: number | null
  headers: Record<string, string> | null
  code: string
  reason: string
  ambiguous: boolean
  /** How often Kafka refused it; 0 for one that only waits behind another of its key. */
  attempts: number
  /** When the relay sends it again; null when it waits for an operator. */
  nextAttemptAt: Date | null
  /** Whether what comes later with its topic and key waits behind it. */
  holds: boolean
  parkedAt: Date
}

/** The values of {@link deadLetterCondition}'s parameters, `$1` to `$6`. */
export function deadLetterValues({ ids, topic, key, code, olderThan, ambiguous }: DeadLetterFilter): unknown[] {
  return [ids, topic, key, code, olderThan, ambiguous]
}

export const deadLetterCondition = `
  resent_id is null and ($1::bigint[] is null or id = any ($1)) and ($2::text is null or topic = $2) and ($3::text is null or key = $3)
  and ($4::text is null or code = $4) and ($5::interval is null or parked_at < statement_timestamp() - $5::interval)
  and ($6::boolean is null or ambiguous = $6)`

const deadLetterColumns = `
  id, message_id as "messageId", headers ->> '${originalIdHeader}' as "originalId", topic, key,
  octet_length(payload) as bytes, headers, code, reason, ambiguous, attempts,
  next_attempt_at as "nextAttemptAt", holds, parked_at as "parkedAt"`

/**
 * The dead letters that the filter lets through, without their payloads, in the order in which they were appended.
 * @param page.after the id of the last one seen: pages go on behind it
 */
export async function findDeadLetters(
  db: Queryable,
  filter: DeadLetterFilter,
  { after = 0n, limit = 100 }: { after?: bigint; limit?: number } = {},
): Promise<DeadLetter[]> {
  const { rows } = await db.query<DeadLetterRow>(
    `select ${deadLetterColumns} from outbox.dead_letter where ${deadLetterCondition} and id > $7 order by id limit $8`,
    [...deadLetterValues(filter), after, limit],
  )
  return rows.map(deadLetterOf)
}

/** How many the filter lets through. */
export async function countDeadLetters(db: Queryable, filter: DeadLetterFilter): Promise<number> {
  const text = `select count(*)::int as count from outbox.dead_letter where ${deadLetterCondition}`
  const { rows } = await db.query<{ count: number }>(text, deadLetterValues(filter))
  return rows[0]?.count ?? 0
}

/** One with its payload; undefined where there is none of that id. */
export async function readDeadLetter(
  db: Queryable,
  id: bigint,
): Promise<(DeadLetter & { payload: Buffer | null }) | undefined> {
  const text = `select ${deadLetterColumns}, payload from outbox.dead_letter where id = $1 and resent_id is null`
  const { rows } = await db.query<DeadLetterRow & { payload: Buffer | null }>(text, [id])
  return rows[0] && { ...deadLetterOf(rows[0]), payload: rows[0].payload }
}

type DeadLetterRow = Omit<DeadLetter, 'id'> & { id: string }

function deadLetterOf(row: DeadLetterRow): DeadLetter {
  return { ...row, id: BigInt(row.id) }
}
