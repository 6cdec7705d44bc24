import type { ClientBase, Pool } from 'pg'
import { reasonOf } from './add-dead-letter.ts'
import type { ApplyLogger } from './apply-once.ts'
import { EffectFailedError, effectTransaction } from './effect-transaction.ts'
import type { Handler, InboxMessage } from './handler.ts'
import { loggedIds } from './logged-ids.ts'
import { withPlace } from './message-place.ts'

/** What became of the dead letters that an operator asked for. */
export type Replayed = { applied: number; failed: number }

/**
 * Applies a group's dead letters again for which a replay was asked, oldest first, each in a transaction of its own
 * that also removes it. One that fails again waits for an operator as before. Never through the outbox: the other
 * groups would apply it twice. Its place stays behind the position, so it is out of its key's order by now.
 * @throws {DatabaseFaultError} when the database failed; what was asked for is still asked for
 */
export async function replayDeadLetters(
  pool: Pool,
  { group, handler, limit, logger }: { group: string; handler: Handler; limit: number; logger: ApplyLogger },
): Promise<Replayed> {
  const replayed = { applied: 0, failed: 0 }
  while (replayed.applied + replayed.failed < limit) {
    let inHand: StoredLetter | undefined
    try {
      const letter = await effectTransaction(pool, {
        prepare: async (tx) => (inHand = await takeLetter(tx, group)),
        effect: async (tx, taken) => {
          if (taken) await handler(tx, [messageOf(taken)], { group, topic: taken.topic, partition: taken.partition })
        },
      })
      if (!letter) break
      replayed.applied += 1
    } catch (error) {
      if (!(error instanceof EffectFailedError) || !inHand) throw error
      const { id, topic, partition, headers } = inHand
      const named = { id, ...loggedIds(headers) }
      logger.error({ group, topic, partition, ...named, err: error }, 'the handler failed a dead letter again')
      await putBack(pool, inHand, error.cause)
      replayed.failed += 1
    }
  }
  return replayed
}

type StoredLetter = Pick<InboxMessage, 'key' | 'value' | 'headers'> & {
  id: string
  topic: string
  partition: number
  kafka_offset: string
  published_at: Date
}

/** Members of a group take different ones: a row that another has in hand is passed over. */
async function takeLetter(tx: ClientBase, group: string): Promise<StoredLetter | undefined> {
  const { rows } = await tx.query<StoredLetter>(
    `delete from inbox.dead_letter where id = (
       select id from inbox.dead_letter where group_name = $1 and replay_requested_at is not null
       order by id for update skip locked limit 1
     ) returning id, topic, partition, kafka_offset, key, value, headers, published_at`,
    [group],
  )
  return rows[0]
}

async function putBack(pool: Pool, { id }: StoredLetter, error: unknown): Promise<void> {
  await pool.query(
    `update inbox.dead_letter
     set attempts = attempts + 1, reason = $2, last_failed_at = now(), replay_requested_at = null where id = $1`,
    [id, reasonOf(error)],
  )
}

function messageOf({ kafka_offset, key, value, headers, published_at }: StoredLetter): InboxMessage {
  const message = withPlace({ offset: BigInt(kafka_offset), key, value, headers, timestamp: published_at.getTime() })
  return { ...message, replayed: true }
}
