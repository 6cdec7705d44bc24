import type { Queryable } from '@outbox/outbox/queryable'

/** A message that a group's handler failed for good. */
export type GroupDeadLetter = { id: bigint; group: string; reason: string }

/** Those of one message, by its uuid as its header says it: one a group at most, unless it came twice. */
export async function findGroupDeadLetters(db: Queryable, messageId: string): Promise<GroupDeadLetter[]> {
  const { rows } = await db.query<Omit<GroupDeadLetter, 'id'> & { id: string }>(
    'select id, group_name as "group", reason from inbox.dead_letter where message_id = $1 order by group_name, id',
    [messageId],
  )
  return rows.map((row) => ({ ...row, id: BigInt(row.id) }))
}
