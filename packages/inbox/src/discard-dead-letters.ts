import type { Queryable } from '@outbox/outbox/queryable'

/**
 * Deletes dead letters of a group: they never take effect in it.
 * @param ids which ones; none given = all of the group
 * @returns how many were deleted
 */
export async function discardDeadLetters(
  db: Queryable,
  { group, ids }: { group: string; ids?: readonly bigint[] },
): Promise<number> {
  const text = 'delete from inbox.dead_letter where group_name = $1 and ($2::bigint[] is null or id = any ($2))'
  return (await db.query(text, [group, ids])).rowCount ?? 0
}
