import { resendDeadLetters } from '@outbox/outbox/resend-dead-letters'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { HeldKeys } from './held-keys.ts'
import type { ShardLeases } from './shard-leases.ts'

/** `everyMs`: how often it is looked at. */
export type ResendOptions = {
  db: pg.Pool
  relay: string
  leases: ShardLeases
  held: HeldKeys
  everyMs: number
  logger: Logger
}

/**
 * Makes a function that sends again what was parked and is due, of the shards owned; to be called between two windows, since
 * nothing may be parked meanwhile. Most calls do nothing: it looks every `everyMs`.
 */
export function resendDue({ db, relay, leases, held, everyMs, logger }: ResendOptions): () => Promise<void> {
  let nextAt = 0
  return async () => {
    const now = performance.now()
    if (now < nextAt || leases.owned.length === 0) return
    nextAt = now + everyMs
    await held.lookAgain()
    const resent = await resendDeadLetters(db, { relay, shards: leases.owned }).catch((error) => {
      leases.doubt()
      throw error
    })
    if (resent.length === 0) return
    held.resent(resent)
    // There may be more.
    nextAt = now
    logger.info({ messages: resent.length }, 'parked messages stand in the log again')
  }
}
