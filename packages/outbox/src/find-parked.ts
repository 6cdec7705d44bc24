import { originalIdHeader } from './append-messages.ts'
import type { Queryable } from './queryable.ts'

/** Why a message stands among the dead letters. */
export type Parked = { id: bigint; code: string; reason: string; ambiguous: boolean; parkedAt: Date }

/** The dead letters of a message, by its row's id or by its uuid, also its first one; usually none. */
export async function findParked(
  db: Queryable,
  { id, messageId }: { id?: bigint; messageId?: string },
): Promise<Parked[]> {
  const { rows } = await db.query<Omit<Parked, 'id'> & { id: string }>(
    `select id, code, reason, ambiguous, parked_at as "parkedAt" from outbox.dead_letter
     where id = $1 or message_id = $2::text::uuid or headers ->> '${originalIdHeader}' = $2::text order by id`,
    [id, messageId],
  )
  return rows.map((row) => ({ ...row, id: BigInt(row.id) }))
}
