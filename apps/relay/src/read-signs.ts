import { openTransactions } from '@outbox/outbox/open-transactions'
import { comparePlaces, type Place } from '@outbox/outbox/place'
import { readLag } from '@outbox/outbox/read-lag'
import { readLogEnd } from '@outbox/outbox/read-log-end'
import { readParked } from '@outbox/outbox/read-parked'
import { isFree, readShards, type ShardState } from '@outbox/outbox/read-shards'
import type pg from 'pg'
import type { Signs } from './outbox-watchdogs.ts'

/** Makes a function that reads how the outbox is; how long it has been stuck, each call knows from those before. */
export function signsReader(db: pg.Pool): () => Promise<Signs> {
  let seen: { slowest: Place; sinceMs: number } | undefined
  return async () => {
    const lag = await readLag(db)
    const shards = await readShards(db)
    const { end, lastId } = await readLogEnd(db)
    const [oldestTransaction] = await openTransactions(db, { limit: 1 })
    const slowest = slowestOf(shards)
    const nowMs = performance.now()
    const moves = lag.messages === 0n || !seen || comparePlaces(seen.slowest, slowest) !== 0
    if (moves || !seen) seen = { slowest, sinceMs: nowMs }
    const stuckSeconds = (nowMs - seen.sinceMs) / 1_000
    return {
      lag,
      unowned: numbersOf(shards.filter((shard) => isFree(shard) && !shard.paused)),
      paused: numbersOf(shards.filter(({ paused }) => paused)),
      stuckSeconds,
      lastId,
      idsAhead: end - 1n - lastId,
      oldestTransaction,
      parked: await readParked(db),
    }
  }
}

function slowestOf(shards: readonly ShardState[]): Place {
  const [slowest] = shards.map(({ position }) => position).sort(comparePlaces)
  if (!slowest) throw new Error('outbox.shard is empty')
  return slowest
}

function numbersOf(shards: readonly ShardState[]): number[] {
  return shards.map(({ shard }) => shard)
}
