import { appendedAtMs } from '@outbox/outbox/message-id'
import { latencyBuckets } from '@outbox/service/latency-buckets'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { BreakerState } from './circuit-breaker.ts'
import { type LogMetrics, logMetrics } from './log-metrics.ts'
import type { Trouble } from './trouble.ts'
import type { Published } from './window-publisher.ts'
import type { Window } from './window-reader.ts'

/** What the relay counts of its work, a window at a time: nothing is counted a message. */
export type RelayMetrics = LogMetrics & {
  /** A tick was made: how long the poll that asked for it and its insert took. */
  ticked(seconds: number): void
  /** A window was read. */
  read(seconds: number): void
  /** Kafka was asked to take a window, and has answered or not. */
  sent(seconds: number): void
  /** Positions have moved. */
  moved(seconds: number): void
  published(window: Window, outcome: Published): void
  /** Nothing moves for now, for this part's sake. */
  failed(part: Trouble['part']): void
  /** A chore was done, or has failed. */
  choreDone(chore: string, outcome: { failed: boolean }): void
  shards(owned: number): void
}

/** Registers the relay's metrics. `breaker` is asked at each scrape. */
export function relayMetrics(
  registry: Registry,
  { breaker }: { breaker: () => BreakerState | undefined },
): RelayMetrics {
  const registers = [registry]
  new Gauge({
    name: 'outbox_relay_breaker_open',
    help: 'The circuit breaker before Kafka: 1 open, 0.5 half open, 0 closed.',
    registers,
    collect() {
      this.set(openness[breaker() ?? 'closed'])
    },
  })
  const shards = new Gauge({ name: 'outbox_relay_shards', help: 'Shards that this relay owns.', registers })
  return {
    ...logMetrics(registry),
    ...stageMetrics(registry),
    ...failureMetrics(registry),
    published: publishedMetrics(registry),
    shards: (owned) => shards.set(owned),
  }
}

const openness: Record<BreakerState, number> = { closed: 0, halfOpen: 0.5, open: 1 }

function publishedMetrics(registry: Registry): RelayMetrics['published'] {
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
  const windowMessages = new Histogram({
    name: 'outbox_relay_window_messages',
    help: 'Messages in a window that was published.',
    buckets: [1, 5, 25, 100, 500, 2_500, 10_000, 50_000],
    registers,
  })
  const lagSeconds = new Histogram({
    name: 'outbox_relay_lag_seconds',
    help: "From the append of a window's oldest message to its acknowledgement by Kafka.",
    buckets: [...latencyBuckets],
    registers,
  })
  return ({ messages }, outcome) => {
    published.inc(outcome.confirmed)
    refused.inc(outcome.refused)
    held.inc(outcome.waiting)
    const [oldest] = messages
    if (!oldest) return
    windowMessages.observe(messages.length)
    lagSeconds.observe((Date.now() - appendedAtMs(oldest.messageId)) / 1_000)
  }
}

function stageMetrics(registry: Registry): Pick<RelayMetrics, 'ticked' | 'read' | 'sent' | 'moved'> {
  const common = { buckets: [...latencyBuckets], registers: [registry] }
  const tickSeconds = new Histogram({
    name: 'outbox_relay_tick_seconds',
    help: 'Making a tick that this relay has made, the poll before it included; their count is that of the ticks.',
    ...common,
  })
  const readSeconds = new Histogram({
    name: 'outbox_relay_read_seconds',
    help: 'Reading a window from the outbox, while the one before is sent.',
    ...common,
  })
  const sendSeconds = new Histogram({
    name: 'outbox_relay_send_seconds',
    help: 'Sending a window to Kafka until all of it is confirmed, or the attempt has failed.',
    ...common,
  })
  const moveSeconds = new Histogram({
    name: 'outbox_relay_move_seconds',
    help: 'Moving the positions past what was sent, while the next window is sent.',
    ...common,
  })
  return {
    ticked: (seconds) => tickSeconds.observe(seconds),
    read: (seconds) => readSeconds.observe(seconds),
    sent: (seconds) => sendSeconds.observe(seconds),
    moved: (seconds) => moveSeconds.observe(seconds),
  }
}

function failureMetrics(registry: Registry): Pick<RelayMetrics, 'failed' | 'choreDone'> {
  const failures = new Counter({
    name: 'outbox_relay_failures_total',
    help: 'Attempts to relay a window that have failed, by the part that was at fault; each is tried again.',
    labelNames: ['part'],
    registers: [registry],
  })
  // A counter that appears with its first event has no rate of it.
  for (const part of ['database', 'kafka', 'dead letters'] satisfies Trouble['part'][]) failures.inc({ part }, 0)
  const choreFailures = new Counter({
    name: 'outbox_relay_chore_failures_total',
    help: 'Chores that have failed, by chore; each is done again in the next round.',
    labelNames: ['chore'],
    registers: [registry],
  })
  return {
    failed: (part) => failures.inc({ part }),
    choreDone: (chore, { failed }) => choreFailures.inc({ chore }, failed ? 1 : 0),
  }
}
