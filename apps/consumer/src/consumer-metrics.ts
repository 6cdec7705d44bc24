import type { Applied } from '@outbox/inbox/apply-once'
import type { ReceivedBatch } from '@outbox/kafka/subscriber'
import { appendedAtMs } from '@outbox/outbox/message-id'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { PartitionState } from './assigned-partitions.ts'

/** What a consumer counts of its work. */
export type ConsumerMetrics = {
  batch(batch: ReceivedBatch, applied: Applied, seconds: number): void
  replayed(outcome: { applied: number; failed: number }): void
}

/** Since the process began. */
export type ConsumerCounts = { applied: number; duplicates: number; deadLettered: number; replayed: number }

/**
 * Registers the consumer's metrics.
 * @param now.counts is kept up to date, for `/status`
 * @param now.partitions those that the member has: their number bounds the labels
 * @param now.deadLetters that the group keeps
 */
export function consumerMetrics(
  registry: Registry,
  now: { counts: ConsumerCounts; partitions: () => readonly PartitionState[]; deadLetters: () => number },
): ConsumerMetrics {
  const { counts } = now
  countersOf(registry, counts)
  gaugesOf(registry, now)
  const registers = [registry]
  const batchMessages = new Histogram({
    name: 'outbox_consumer_batch_messages',
    help: 'Messages in a batch of one partition.',
    buckets: [1, 5, 25, 100, 500, 2_500, 10_000, 50_000],
    registers,
  })
  const batchSeconds = new Histogram({
    name: 'outbox_consumer_batch_seconds',
    help: 'From the receipt of a batch to the commit of its effects, retries included.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    registers,
  })
  const endToEndSeconds = new Histogram({
    name: 'outbox_consumer_end_to_end_seconds',
    help: "From the append of a batch's oldest message to the commit of its effects.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 300],
    registers,
  })
  return {
    batch(batch, { applied, duplicates, deadLettered }, seconds) {
      counts.applied += applied
      counts.duplicates += duplicates
      counts.deadLettered += deadLettered
      batchMessages.observe(batch.messages.length)
      batchSeconds.observe(seconds)
      const [oldest] = batch.messages
      if (applied > 0 && oldest) endToEndSeconds.observe((Date.now() - bornAtMs(oldest)) / 1_000)
    },
    replayed({ applied }) {
      counts.replayed += applied
    },
  }
}

function countersOf(registry: Registry, counts: ConsumerCounts): void {
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
      registers: [registry],
      collect() {
        this.reset()
        this.inc(counts[count as keyof ConsumerCounts])
      },
    })
  }
}

function gaugesOf(
  registry: Registry,
  { partitions, deadLetters }: { partitions: () => readonly PartitionState[]; deadLetters: () => number },
): void {
  const labelNames = ['topic', 'partition']
  new Gauge({
    name: 'outbox_consumer_dead_letters',
    help: 'Messages of the group in inbox.dead_letter, counted no further than CONSUMER_MAX_DEAD_LETTERS.',
    registers: [registry],
    collect() {
      this.set(deadLetters())
    },
  })
  new Gauge({
    name: 'outbox_consumer_lag_messages',
    help: "Between the group's next offset and the end of the partition, as last heard.",
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      for (const { topic, partition, lag } of partitions())
        if (lag !== undefined) this.set({ topic, partition }, Number(lag))
    },
  })
  new Gauge({
    name: 'outbox_consumer_partition_stopped',
    help: '1 where an operator must decide before the partition goes on; else 0.',
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      for (const { topic, partition, stopped } of partitions()) this.set({ topic, partition }, stopped ? 1 : 0)
    },
  })
}

/** When a message began its way: its append, or its publishing where some other producer's id says nothing. */
function bornAtMs({ headers, timestamp }: ReceivedBatch['messages'][number]): number {
  const appended = appendedAtMs(headers['outbox-message-id'] ?? '')
  return Number.isNaN(appended) ? timestamp : appended
}
