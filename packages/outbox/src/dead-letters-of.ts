import { originalIdHeader } from './append-messages.ts'
import type { Queryable } from './queryable.ts'

/** Why a message stands among the dead letters; `resentId` is the row under which it is on its way again. */
export type MessageDeadLetter = {
  id: bigint
  code: string
  reason: string
  ambiguous: boolean
  parkedAt: Date
  resentId: bigint | null
}

/**
 * The dead letters of one message, by its row's id or by its uuid; those of all rows that share the first one, as what is sent
 * again does. Usually none.
 */
export async function deadLettersOf(
  db: Queryable,
  { id, messageId, originalId }: { id?: bigint; messageId?: string; originalId?: string | null },
): Promise<MessageDeadLetter[]> {
  const { rows } = await db.query<Row>(
    `select id, code, reason, ambiguous, parked_at as "parkedAt", resent_id as "resentId" from outbox.dead_letter
     where id = $1 or message_id::text = any ($2::text[]) or headers ->> '${originalIdHeader}' = any ($2::text[])
     order by id`,
    [id, [messageId, originalId].filter((uuid) => typeof uuid === 'string')],
  )
  return rows.map(({ resentId, ...row }) => ({
    ...row,
    id: BigInt(row.id),
    resentId: resentId === null ? null : BigInt(resentId),
  }))
}

type Row = Omit<MessageDeadLetter, 'id' | 'resentId'> & { id: string; resentId: string | null }
