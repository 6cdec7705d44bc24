import { findMessageNearItsTime } from '@outbox/outbox/find-message'
import { findIdempotentIds } from '@outbox/outbox/idempotency-key'
import type { Queryable } from '@outbox/outbox/queryable'
import { findWhereabouts, type Whereabouts } from '@outbox/whereabouts/find-whereabouts'

/** What the outbox knows of a message now. */
export type Trace =
  /** No transaction has kept its batch, or that was more than a day ago. */
  | { state: 'not appended' }
  /** It was appended, and its row is no longer there. */
  | { state: 'gone'; messageId: string }
  | { state: 'in the outbox'; messageId: string; whereabouts: Whereabouts }
  /** Why nothing can be told. */
  | { state: 'untold'; reason: string }

/**
 * Looks up one message of a run: its batch's `Idempotency-Key` leads to its id, that to its row, and that to positions and
 * dead letters.
 * @param ordinal the message's number in its batch
 */
export async function traceMessage(
  db: Queryable,
  { idempotencyKey, ordinal }: { idempotencyKey: string; ordinal: number },
): Promise<Trace> {
  const messageId = (await findIdempotentIds(db, idempotencyKey))?.[ordinal]
  if (messageId === undefined) return { state: 'not appended' }
  const message = await findMessageNearItsTime(db, messageId)
  if (message === undefined) return { state: 'gone', messageId }
  // Positions alone: the tester knows of no broker.
  const whereabouts = await findWhereabouts(db, message, async () => [])
  return { state: 'in the outbox', messageId, whereabouts }
}
