import { openTransactions } from '@outbox/outbox/open-transactions'
import { comparePlaces, type Place } from '@outbox/outbox/place'
import { readLag } from '@outbox/outbox/read-lag'
import { readParked } from '@outbox/outbox/read-parked'
import { readVitalSigns } from '@outbox/outbox/read-vital-signs'
import type pg from 'pg'
import type { Signs } from './outbox-watchdogs.ts'

/** Makes a function that reads how the outbox is; how long it has been stuck, each call knows from those before. */
export function signsReader(db: pg.Pool): () => Promise<Signs> {
  let seen: { slowest: Place; sinceMs: number } | undefined
  return async () => {
    const lag = await readLag(db)
    const { unowned, paused, slowest, idsAhead } = await readVitalSigns(db)
    const [oldestTransaction] = await openTransactions(db, { limit: 1 })
    const nowMs = performance.now()
    const moves = lag.messages === 0n || !seen || comparePlaces(seen.slowest, slowest) !== 0
    if (moves || !seen) seen = { slowest, sinceMs: nowMs }
    const stuckSeconds = (nowMs - seen.sinceMs) / 1_000
    return { lag, unowned, paused, stuckSeconds, idsAhead, oldestTransaction, parked: await readParked(db) }
  }
}
