import { type DeadLetterFilter, deadLetterCondition, deadLetterValues } from './find-dead-letters.ts'
import type { Queryable } from './queryable.ts'

/** Deletes dead letters, payloads and all: nobody will get these messages. @returns how many */
export async function discardDeadLetters(db: Queryable, filter: DeadLetterFilter): Promise<number> {
  const text = `delete from outbox.dead_letter where ${deadLetterCondition}`
  return (await db.query(text, deadLetterValues(filter))).rowCount ?? 0
}
