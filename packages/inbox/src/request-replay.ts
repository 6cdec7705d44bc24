import type { Queryable } from '@outbox/outbox/queryable'

/**
 * Asks a group to apply dead letters again; whichever member is there does it.
 * @param ids which ones; none given = all of the group
 * @returns how many were asked for
 */
export async function requestReplay(
  db: Queryable,
  { group, ids }: { group: string; ids?: readonly bigint[] },
): Promise<number> {
  const { rowCount } = await db.query(
    `update inbox.dead_letter set replay_requested_at = now()
     where group_name = $1 and ($2::bigint[] is null or id = any ($2)) and replay_requested_at is null`,
    [group, ids],
  )
  return rowCount ?? 0
}
