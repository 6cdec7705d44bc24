import type { Queryable } from '@outbox/outbox/queryable'

/** A message that a group gave up, as an operator sees it. */
export type DeadLetter = {
  id: bigint
  group: string
  topic: string
  partition: number
  offset: bigint
  place: string | null
  messageId: string | null
  key: Buffer | null
  reason: string
  attempts: number
  firstFailedAt: Date
  lastFailedAt: Date
  replayRequestedAt: Date | null
}

/**
 * Dead letters of one group, or of all, from the oldest on.
 * @param after the id of the last one seen: pages go on behind it
 */
export async function listDeadLetters(
  db: Queryable,
  { group, after = 0n, limit = 100 }: { group?: string; after?: bigint; limit?: number } = {},
): Promise<DeadLetter[]> {
  const { rows } = await db.query<Omit<DeadLetter, 'id' | 'offset'> & { id: string; offset: string }>(
    `select id, group_name as "group", topic, partition, kafka_offset as "offset", place, message_id as "messageId", key,
       reason, attempts, first_failed_at as "firstFailedAt", last_failed_at as "lastFailedAt",
       replay_requested_at as "replayRequestedAt"
     from inbox.dead_letter
     where ($1::text is null or group_name = $1) and id > $2
     order by id limit $3`,
    [group, after, limit],
  )
  return rows.map((row) => ({ ...row, id: BigInt(row.id), offset: BigInt(row.offset) }))
}
