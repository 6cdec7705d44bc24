import { type DeadLetterFilter, deadLetterCondition, deadLetterValues } from './find-dead-letters.ts'
import type { Queryable } from './queryable.ts'

/**
 * Says that dead letters are to be sent again now, whatever their attempts: the relay that owns their shard does it
 * (`resendDeadLetters`). One that holds its key goes when those before it do. One that is refused again is a dead letter again.
 * @returns how many
 */
export async function requeueDeadLetters(db: Queryable, filter: DeadLetterFilter): Promise<number> {
  const text = `
    update outbox.dead_letter set next_attempt_at = statement_timestamp()
    where ${deadLetterCondition}`
  return (await db.query(text, deadLetterValues(filter))).rowCount ?? 0
}
