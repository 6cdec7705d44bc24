import type { Applied } from '@outbox/inbox/apply-once'
import type { Handler } from '@outbox/inbox/handler'
import { type OnTransaction, transactionOutcomes } from '@outbox/inbox/watch-transaction'
import type { ReceivedBatch } from '@outbox/kafka/subscriber'
import { appendedAtMs } from '@outbox/outbox/message-id'
import { latencyBuckets } from '@outbox/service/latency-buckets'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { PartitionState } from './assigned-partitions.ts'
import { partitionMetrics } from './partition-metrics.ts'

/** What a consumer counts of its work, a batch at a time: nothing is counted a message. */
export type ConsumerMetrics = {
  batch(batch: ReceivedBatch, applied: Applied, seconds: number): void
  /** A batch was given back, to be tried again later or when an operator has decided. */
  batchFailed(): void
  transaction: OnTransaction
  /** The handler, timed. */
  timed(handler: Handler): Handler
  /** Partitions were given out anew. */
  assigned(): void
  replayed(outcome: { applied: number; failed: number }): void
}

/** Since the process began. */
export type ConsumerCounts = { applied: number; duplicates: number; deadLettered: number; replayed: number }

/**
 * Registers the consumer's metrics, all with the label `group`.
 * @param now.counts is kept up to date, for `/status`
 * @param now.partitions those that the member has: their number bounds the labels
 * @param now.deadLetters that the group keeps
 */
export function consumerMetrics(
  registry: Registry,
  now: {
    group: string
    counts: ConsumerCounts
    partitions: () => readonly PartitionState[]
    deadLetters: () => number
  },
): ConsumerMetrics {
  const { group, counts, deadLetters } = now
  partitionMetrics(registry, now)
  countersOf(registry, now)
  const common = { labelNames: ['group'], registers: [registry] }
  new Gauge({
    name: 'outbox_consumer_dead_letters',
    help: 'Messages of the group in inbox.dead_letter, counted no further than CONSUMER_MAX_DEAD_LETTERS.',
    ...common,
    collect() {
      this.set({ group }, deadLetters())
    },
  })
  const batchFailures = new Counter({
    name: 'outbox_consumer_batch_failures_total',
    help: 'Batches given back: to be tried again, or, where the partition is stopped, to wait for an operator.',
    ...common,
  })
  const assignments = new Counter({
    name: 'outbox_consumer_assignments_total',
    help: 'How often the group has given its partitions out anew.',
    ...common,
  })
  // A counter that appears with its first event has no rate of it.
  for (const counter of [batchFailures, assignments]) counter.inc({ group }, 0)
  return {
    ...transactionMetrics(registry, group),
    batch: batchMetrics(registry, { group, counts }),
    batchFailed: () => batchFailures.inc({ group }),
    assigned: () => assignments.inc({ group }),
    replayed({ applied }) {
      counts.replayed += applied
    },
  }
}

function countersOf(registry: Registry, { group, counts }: { group: string; counts: ConsumerCounts }): void {
  const helps: Record<keyof ConsumerCounts, { name: string; help: string }> = {
    applied: { name: 'outbox_consumer_applied_total', help: 'Messages that took effect.' },
    duplicates: { name: 'outbox_consumer_duplicates_total', help: 'Messages that had taken effect before.' },
    deadLettered: {
      name: 'outbox_consumer_dead_letters_total',
      help: 'Messages given up and put into inbox.dead_letter.',
    },
    replayed: { name: 'outbox_consumer_replayed_total', help: 'Dead letters that took effect after all.' },
  }
  for (const [count, { name, help }] of Object.entries(helps)) {
    new Counter({
      name,
      help,
      labelNames: ['group'],
      registers: [registry],
      collect() {
        this.reset()
        this.inc({ group }, counts[count as keyof ConsumerCounts])
      },
    })
  }
}

function batchMetrics(
  registry: Registry,
  { group, counts }: { group: string; counts: ConsumerCounts },
): ConsumerMetrics['batch'] {
  const common = { labelNames: ['group'], registers: [registry] }
  const batchMessages = new Histogram({
    name: 'outbox_consumer_batch_messages',
    help: 'Messages in a batch of one partition.',
    buckets: [1, 5, 25, 100, 500, 2_500, 10_000, 50_000],
    ...common,
  })
  const batchSeconds = new Histogram({
    name: 'outbox_consumer_batch_seconds',
    help: 'From the receipt of a batch to the commit of its effects, retries included.',
    buckets: [...latencyBuckets],
    ...common,
  })
  const publishToEffectSeconds = new Histogram({
    name: 'outbox_consumer_publish_to_effect_seconds',
    help: "From the publishing of a batch's oldest message to the commit of its effects.",
    buckets: [...latencyBuckets],
    ...common,
  })
  const endToEndSeconds = new Histogram({
    name: 'outbox_consumer_end_to_end_seconds',
    help: "From the append of a batch's oldest message to the commit of its effects.",
    buckets: [...latencyBuckets],
    ...common,
  })
  for (const histogram of [batchMessages, batchSeconds, publishToEffectSeconds, endToEndSeconds])
    histogram.zero({ group })
  return (batch, { applied, duplicates, deadLettered }, seconds) => {
    counts.applied += applied
    counts.duplicates += duplicates
    counts.deadLettered += deadLettered
    batchMessages.observe({ group }, batch.messages.length)
    batchSeconds.observe({ group }, seconds)
    const [oldest] = batch.messages
    if (applied === 0 || !oldest) return
    const nowMs = Date.now()
    publishToEffectSeconds.observe({ group }, (nowMs - oldest.timestamp) / 1_000)
    endToEndSeconds.observe({ group }, (nowMs - bornAtMs(oldest)) / 1_000)
  }
}

function transactionMetrics(registry: Registry, group: string): Pick<ConsumerMetrics, 'transaction' | 'timed'> {
  const transactionSeconds = new Histogram({
    name: 'outbox_consumer_transaction_seconds',
    help: 'A transaction that applies messages, from asking for a connection to its end, by how it ended.',
    labelNames: ['group', 'outcome'],
    buckets: [...latencyBuckets],
    registers: [registry],
  })
  for (const outcome of transactionOutcomes) transactionSeconds.zero({ group, outcome })
  const handlerSeconds = new Histogram({
    name: 'outbox_consumer_handler_seconds',
    help: 'A call of the handler, whether it failed or not.',
    labelNames: ['group'],
    buckets: [...latencyBuckets],
    registers: [registry],
  })
  handlerSeconds.zero({ group })
  return {
    transaction: (seconds, outcome) => transactionSeconds.observe({ group, outcome }, seconds),
    timed: (handler) => async (tx, messages, context) => {
      const stop = handlerSeconds.startTimer({ group })
      try {
        await handler(tx, messages, context)
      } finally {
        stop()
      }
    },
  }
}

/** When a message began its way: its append, or its publishing where some other producer's id says nothing. */
function bornAtMs({ headers, timestamp }: ReceivedBatch['messages'][number]): number {
  const appended = appendedAtMs(headers['outbox-message-id'] ?? '')
  return Number.isNaN(appended) ? timestamp : appended
}
