import { appendedAtMs } from '@outbox/outbox/message-id'
import type { LogSize } from '@outbox/outbox/read-log-size'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { BreakerState } from './circuit-breaker.ts'
import type { Signs } from './outbox-watchdogs.ts'
import type { Published } from './window-publisher.ts'
import type { Window } from './window-reader.ts'

/** What the relay counts of its work. */
export type RelayMetrics = {
  published(window: Window, outcome: Published): void
  logSize(size: LogSize): void
  shards(owned: number): void
  signs(signs: Signs): void
}

/** Registers the relay's metrics. `breaker` is asked at each scrape. */
export function relayMetrics(
  registry: Registry,
  { breaker }: { breaker: () => BreakerState | undefined },
): RelayMetrics {
  const registers = [registry]
  const published = new Counter({
    name: 'outbox_relay_published_total',
    help: 'Messages that Kafka has confirmed.',
    registers,
  })
  const refused = new Counter({
    name: 'outbox_relay_refused_total',
    help: 'Refusals of messages by Kafka; each puts the message into outbox.dead_letter.',
    registers,
  })
  const held = new Counter({
    name: 'outbox_relay_held_total',
    help: 'Messages put into outbox.dead_letter because another one of their key waits there.',
    registers,
  })
  const deadLetters = new Gauge({
    name: 'outbox_relay_dead_letters',
    help: 'Messages in outbox.dead_letter, by what they wait for: their next attempt, another message of their key, an operator.',
    labelNames: ['waits_for'],
    registers,
  })
  new Gauge({
    name: 'outbox_relay_breaker_open',
    help: 'The circuit breaker before Kafka: 1 open, 0.5 half open, 0 closed.',
    registers,
    collect() {
      this.set(openness[breaker() ?? 'closed'])
    },
  })
  const windowMessages = new Histogram({
    name: 'outbox_relay_window_messages',
    help: 'Messages in a window that was published.',
    buckets: [1, 5, 25, 100, 500, 2_500, 10_000, 50_000],
    registers,
  })
  const lagSeconds = new Histogram({
    name: 'outbox_relay_lag_seconds',
    help: "From the append of a window's oldest message to its acknowledgement by Kafka.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 300],
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
  const shards = new Gauge({ name: 'outbox_relay_shards', help: 'Shards that this relay owns.', registers })
  return {
    published({ messages }, outcome) {
      published.inc(outcome.confirmed)
      refused.inc(outcome.refused)
      held.inc(outcome.waiting)
      const [oldest] = messages
      if (!oldest) return
      windowMessages.observe(messages.length)
      lagSeconds.observe((Date.now() - appendedAtMs(oldest.messageId)) / 1_000)
    },
    logSize(size) {
      partitions.set(size.partitions)
      bytes.set(size.bytes)
      oldestKept.set(size.oldestSeconds)
    },
    shards: (owned) => shards.set(owned),
    signs({ lag, unowned, paused, stuckSeconds, idsAhead, oldestTransaction, parked }) {
      unpublished.set(Number(lag.messages))
      oldestSeconds.set(lag.oldestSeconds)
      unownedShards.set(unowned.length)
      pausedShards.set(paused.length)
      stuck.set(stuckSeconds)
      ahead.set(Number(idsAhead))
      openSeconds.set(oldestTransaction?.seconds ?? 0)
      for (const [waitsFor, count] of Object.entries(parked)) deadLetters.set({ waits_for: waitsFor }, count)
    },
  }
}

const openness: Record<BreakerState, number> = { closed: 0, halfOpen: 0.5, open: 1 }
