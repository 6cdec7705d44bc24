import type { EffectFailedError } from './effect-transaction.ts'
import type { Handler } from './handler.ts'

/** Why a message is given up. */
export type GivenUp = { attempts: number; firstFailedAt: Date; error: EffectFailedError }

/** An effect that keeps messages as dead letters of their group: in the transaction that moves the position past them. */
export function addDeadLetter({ attempts, firstFailedAt, error }: GivenUp): Handler {
  return async (tx, messages, { group, topic, partition }) => {
    for (const { offset, key, value, headers, timestamp, messageId } of messages) {
      await tx.query(
        `insert into inbox.dead_letter (group_name, topic, partition, kafka_offset, place, message_id, key, value,
           headers, published_at, reason, attempts, first_failed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
        [
          group,
          topic,
          partition,
          offset,
          storable(headers['outbox-place']),
          storable(messageId),
          key,
          value,
          JSON.stringify(headers),
          new Date(timestamp),
          reasonOf(error.cause),
          attempts,
          firstFailedAt,
        ],
      )
    }
  }
}

/** An error as a dead letter tells it: at most 2,000 characters. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
    .replaceAll('\0', '')
    .slice(0, 2_000)
}

/** PostgreSQL's text can't hold NUL, which a foreign producer's header may. The header itself is kept as it was. */
function storable(text: string | undefined): string | undefined {
  return text?.replaceAll('\0', '')
}
