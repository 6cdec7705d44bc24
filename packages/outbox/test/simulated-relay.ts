import { setTimeout as sleep } from 'node:timers/promises'
import type { SeededRandom } from '@outbox/local-stack/seeded-random'
import type pg from 'pg'
import { claimShards, DuplicateRelayError, type OwnedShard } from '../src/claim-shards.ts'
import { ensurePartitions } from '../src/ensure-partitions.ts'
import { makeTick } from '../src/make-tick.ts'
import { movePositions } from '../src/move-positions.ts'
import { comparePlaces, type Place } from '../src/place.ts'
import { readTicks, TicksSweptError } from '../src/read-ticks.ts'
import { type LoggedMessage, readWindow } from '../src/read-window.ts'
import { makeRelayName } from '../src/relay-name.ts'
import { releaseShards } from '../src/release-shards.ts'
import { sweepOutbox } from '../src/sweep-outbox.ts'

/** What "Kafka" has: one list, as sends come in. */
export type Published = { place: Place; message: LoggedMessage }

export type SimulatedRelay = {
  pool: pg.Pool
  instance: string
  topic: Published[]
  windowIds: number
  /** Of the partitions that it makes ahead. */
  partitionIds: number
  leaseMs: number
  random: SeededRandom
  /** At each gap between two steps: that the relay dies there. */
  crashes: number
  /** At each gap: that it is stopped there for longer than its lease, and wakes up. */
  pauses: number
  /** How often it died. */
  crashed: number
}

class Crash extends Error {}

/** Relays until `signal` aborts; after each crash it starts again under a new name, as a new process would. */
export async function simulateRelay(relay: SimulatedRelay, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await runOnce(relay, signal)
    } catch (error) {
      if (error instanceof Crash) relay.crashed++
      else if (!(error instanceof DuplicateRelayError || error instanceof TicksSweptError)) throw error
      await sleep(relay.leaseMs / 4)
    }
  }
}

async function runOnce(relay: SimulatedRelay, signal: AbortSignal): Promise<void> {
  const { pool, leaseMs, random } = relay
  const name = makeRelayName(relay.instance)
  for (let entering = random.chance(0.5); !signal.aborted; entering = false) {
    const { owned, surplus } = await claimShards(pool, { relay: name, leaseMs, entering })
    await releaseShards(pool, { relay: name, shards: surplus })
    await gap(relay)
    await makeTick(pool)
    await gap(relay)
    const kept = owned.filter(({ shard }) => !surplus.includes(shard))
    for (const group of groupByPosition(kept)) await relayGroup(relay, name, group)
    if (random.chance(0.1)) await sweepOutbox(pool, { batch: 20 })
    if (random.chance(0.1)) await ensurePartitions(pool, { aheadIds: 20_000, partitionIds: relay.partitionIds })
    await sleep(2)
  }
  await releaseShards(pool, { relay: name, shards: Array.from({ length: 16 }, (_, shard) => shard), leaving: true })
}

/** One window after another until this group of shards is at the last tick, or lost. */
async function relayGroup(relay: SimulatedRelay, name: string, group: OwnedShard[]): Promise<void> {
  let held = group
  let position = group[0]?.position
  for (let windows = 0; windows < 20 && held.length > 0 && position !== undefined; windows++) {
    const next = await nextBatch(relay.pool, position)
    if (next === undefined) return
    const shards = held.length === 16 ? 'all' : held.map(({ shard }) => shard)
    const window = await readWindow(relay.pool, { ...next, shards, windowIds: relay.windowIds })
    await gap(relay)
    for (const message of window.messages) {
      relay.topic.push({ place: { n: next.tick.n, id: message.id }, message })
      if (relay.random.chance(0.05)) await gap(relay)
    }
    await gap(relay)
    position = { n: next.tick.n, id: window.endId }
    const moved = await movePositions(relay.pool, { relay: name, shards: held, to: position })
    held = held.filter(({ shard }) => moved.includes(shard))
    await gap(relay)
  }
}

/** The batch to read for a shard that stands at this place, and from where on; undefined at the log's end. */
export async function nextBatch(pool: pg.Pool, { n, id }: Place) {
  const [begun, next] = await readTicks(pool, { after: n - 1n, limit: 2 })
  if (begun !== undefined && begun.n === n && id < begun.lastId) return { tick: begun, afterId: id }
  return next && { tick: next, afterId: 0n }
}

function groupByPosition(owned: readonly OwnedShard[]): OwnedShard[][] {
  const groups = Map.groupBy(owned, ({ position }) => `${position.n}.${position.id}`)
  return [...groups.values()].sort(([a], [b]) => (a && b ? comparePlaces(a.position, b.position) : 0))
}

async function gap({ random, crashes, pauses, leaseMs }: SimulatedRelay): Promise<void> {
  if (random.chance(crashes)) throw new Crash()
  if (random.chance(pauses)) await sleep(leaseMs * 2)
}
