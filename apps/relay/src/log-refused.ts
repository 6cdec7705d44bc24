import { originalIdHeader } from '@outbox/outbox/append-messages'
import type { ParkedMessage, ParkedState } from '@outbox/outbox/park-messages'
import { traceIdOf } from '@outbox/outbox/trace-id'
import type { Logger } from 'pino'

/**
 * Says of each message that was refused what became of it; of those that wait behind another one nothing. What a message says,
 * its key among it, is for whoever may read `outbox.dead_letter`, and not for a log.
 */
export function logRefused(
  parked: readonly ParkedMessage[],
  { states, logger }: { states: readonly ParkedState[]; logger: Logger },
): void {
  for (const { id, attempts, nextAttemptAt } of states) {
    const one = parked.find(({ message }) => message.id === id)
    if (!one?.refused) continue
    const { messageId, topic, shard, headers } = one.message
    const { code, reason, ambiguous } = one
    const originalId = headers?.[originalIdHeader]
    const named = { id: String(id), messageId, originalId, traceId: traceIdOf(headers), topic, shard }
    const next = nextAttemptAt ? 'it is sent again later' : 'it waits for an operator: pnpm outbox dead-letters'
    logger.error(
      { ...named, code, reason, ambiguous, attempts, nextAttemptAt },
      `a message was refused and stands in outbox.dead_letter; ${next}`,
    )
  }
}
