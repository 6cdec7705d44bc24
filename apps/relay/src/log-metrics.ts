import type { LogSize } from '@outbox/outbox/read-log-size'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Signs } from './outbox-watchdogs.ts'

/** What the relay tells of the outbox, each time that it has looked. Every relay tells the same: take the maximum, not the sum. */
export type LogMetrics = { logSize(size: LogSize): void; signs(signs: Signs): void }

/**
 * The metrics of the outbox as a whole, registered when they are first known: 0 ids ahead would be an alarm, and a counter that
 * begins anew at 0 has a rate.
 */
export function logMetrics(registry: Registry): LogMetrics {
  let logSize: LogMetrics['logSize'] | undefined
  let signs: LogMetrics['signs'] | undefined
  return {
    logSize(size) {
      logSize ??= sizeMetrics(registry)
      logSize(size)
    },
    signs(now) {
      signs ??= signMetrics(registry)
      signs(now)
    },
  }
}

function sizeMetrics(registry: Registry): LogMetrics['logSize'] {
  const registers = [registry]
  const partitions = new Gauge({
    name: 'outbox_relay_log_partitions',
    help: 'Partitions of the outbox, those made ahead among them.',
    registers,
  })
  const bytes = new Gauge({
    name: 'outbox_relay_log_bytes',
    help: 'Bytes that the outbox takes on disk, with its indexes.',
    registers,
  })
  const oldestKept = new Gauge({
    name: 'outbox_relay_log_oldest_seconds',
    help: 'Age of the oldest message that is still in the outbox, published or not; 0 when there is none.',
    registers,
  })
  return (size) => {
    partitions.set(size.partitions)
    bytes.set(size.bytes)
    oldestKept.set(size.oldestSeconds)
  }
}

function signMetrics(registry: Registry): LogMetrics['signs'] {
  const registers = [registry]
  const ids = new Counter({
    name: 'outbox_relay_log_ids_total',
    help: 'Ids that the log has handed out, to messages that were rolled back as well.',
    registers,
  })
  const deadLetters = new Gauge({
    name: 'outbox_relay_dead_letters',
    help: 'Messages in outbox.dead_letter, by what they wait for: their next attempt, another message of their key, an operator.',
    labelNames: ['waits_for'],
    registers,
  })
  const unpublished = new Gauge({
    name: 'outbox_relay_unpublished_messages',
    help: 'Ids between the position furthest behind and the end of the log: at least the messages not yet published.',
    registers,
  })
  const oldestSeconds = new Gauge({
    name: 'outbox_relay_oldest_unpublished_seconds',
    help: 'Age of the oldest message that is not published yet; 0 when there is none.',
    registers,
  })
  const unownedShards = new Gauge({
    name: 'outbox_relay_unowned_shards',
    help: 'Shards that no relay owns, paused ones left out.',
    registers,
  })
  const pausedShards = new Gauge({
    name: 'outbox_relay_paused_shards',
    help: 'Shards that an operator has paused.',
    registers,
  })
  const stuck = new Gauge({
    name: 'outbox_relay_stuck_seconds',
    help: "How long the slowest shard hasn't moved while something waits there; 0 when it moves.",
    registers,
  })
  const ahead = new Gauge({
    name: 'outbox_relay_ids_ahead',
    help: 'Ids for which there is a partition, beyond the last one taken.',
    registers,
  })
  const openSeconds = new Gauge({
    name: 'outbox_relay_oldest_transaction_seconds',
    help: 'Age of the oldest open transaction of the database; 0 when there is none.',
    registers,
  })
  return ({ lag, unowned, paused, stuckSeconds, lastId, idsAhead, oldestTransaction, parked }) => {
    ids.reset()
    ids.inc(Number(lastId))
    unpublished.set(Number(lag.messages))
    oldestSeconds.set(lag.oldestSeconds)
    unownedShards.set(unowned.length)
    pausedShards.set(paused.length)
    stuck.set(stuckSeconds)
    ahead.set(Number(idsAhead))
    openSeconds.set(oldestTransaction?.seconds ?? 0)
    for (const [waitsFor, count] of Object.entries(parked)) deadLetters.set({ waits_for: waitsFor }, count)
  }
}
