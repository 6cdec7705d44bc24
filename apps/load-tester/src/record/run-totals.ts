import type { RunPlan } from '../plan/run-plan.ts'
import { Latencies } from '../report/latencies.ts'
import type { Outcome, SettledBatch } from '../send/settled-batch.ts'
import { type BatchOutcomes, createBatchOutcomes } from './batch-outcomes.ts'

/** Messages by what became of them. */
export type Counts = Record<Outcome, number>

/**
 * A producer's part; a batch counts for the one that settled it, an error for the one it came from. `measured`: messages
 * sent behind the warm-up; latencies are theirs.
 */
export type ProducerTotals = Counts & { measured: number; latencies: Latencies; errors: Map<string, number> }

/** What the sending came to. Takes each outcome once, whether it just became known or is read from a record. */
export type RunTotals = {
  /** What is sent before `measuredFromMs`, in ms since 1970, isn't measured; without it, all is. */
  start(measuredFromMs: number): void
  add(settled: SettledBatch): void
  counts: Readonly<Counts>
  outcomes: BatchOutcomes
  /** Messages sent behind the warm-up: these make the throughput, and all latencies. */
  measured(): number
  /** A message each, and a batch each. */
  accept: Latencies
  batches: Latencies
  /** Batches that began later than the timetable has it, and the latest of them, in ms. */
  missedStarts(): { count: number; latestMs: number }
  producers: ReadonlyMap<string, ProducerTotals>
  /** What was said along with an error, the first time. */
  details: ReadonlyMap<string, string>
  /** When the last batch was settled, in ms since 1970; 0 before. */
  lastSettledAtMs(): number
}

/** @param producers those that are sent to */
export function createRunTotals(plan: RunPlan, producers: readonly { name: string }[]): RunTotals {
  const counts = noMessages()
  const outcomes = createBatchOutcomes()
  const accept = new Latencies()
  const batches = new Latencies()
  const details = new Map<string, string>()
  const byProducer = new Map<string, ProducerTotals>()
  const missed = { count: 0, latestMs: 0 }
  let measured = 0
  let measuredFromMs = 0
  let lastSettledAtMs = 0

  function producerTotals(name: string): ProducerTotals {
    const known = byProducer.get(name)
    if (known !== undefined) return known
    const totals = { ...noMessages(), measured: 0, latencies: new Latencies(), errors: new Map<string, number>() }
    byProducer.set(name, totals)
    return totals
  }
  for (const { name } of producers) producerTotals(name)

  function measure(settler: ProducerTotals, latencyMs: number, messages: number): void {
    measured += messages
    settler.measured += messages
    accept.add(latencyMs, messages)
    batches.add(latencyMs)
    settler.latencies.add(latencyMs)
  }

  return {
    start(fromMs) {
      measuredFromMs = fromMs
    },
    counts,
    outcomes,
    measured: () => measured,
    accept,
    batches,
    missedStarts: () => ({ ...missed }),
    producers: byProducer,
    details,
    lastSettledAtMs: () => lastSettledAtMs,
    add({ batch, outcome, producer, latencyMs, lateMs, settledAtMs, errors }) {
      const messages = plan.batch(batch).count
      const settler = producerTotals(producer)
      outcomes.set(batch, outcome)
      counts[outcome] += messages
      settler[outcome] += messages
      if (lateMs !== undefined) {
        missed.count += 1
        missed.latestMs = Math.max(missed.latestMs, lateMs)
      }
      if (outcome === 'sent' && settledAtMs - latencyMs >= measuredFromMs) measure(settler, latencyMs, messages)
      for (const { producer, code, detail } of errors) {
        const known = producerTotals(producer).errors
        known.set(code, (known.get(code) ?? 0) + 1)
        if (detail !== undefined && !details.has(code)) details.set(code, detail)
      }
      lastSettledAtMs = Math.max(lastSettledAtMs, settledAtMs)
    },
  }
}

function noMessages(): Counts {
  return { sent: 0, failed: 0, unknown: 0 }
}
