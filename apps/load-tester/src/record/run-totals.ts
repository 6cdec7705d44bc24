import type { RunPlan } from '../plan/run-plan.ts'
import { Latencies } from '../report/latencies.ts'
import type { Outcome, SettledBatch } from '../send/settled-batch.ts'
import { type BatchOutcomes, createBatchOutcomes } from './batch-outcomes.ts'

/** Messages by what became of them. */
export type Counts = Record<Outcome, number>

/** A producer's part; a batch counts for the one that settled it, an error for the one it came from. */
export type ProducerTotals = Counts & { latencies: Latencies; errors: Map<string, number> }

/** What the sending came to. Takes each outcome once, whether it just became known or is read from a record. */
export type RunTotals = {
  add(settled: SettledBatch): void
  counts: Readonly<Counts>
  outcomes: BatchOutcomes
  /** A message each, and a batch each. */
  accept: Latencies
  batches: Latencies
  producers: ReadonlyMap<string, ProducerTotals>
  /** What was said along with an error, the first time. */
  details: ReadonlyMap<string, string>
  /** When the last batch was settled, in ms since 1970; 0 before. */
  lastSettledAtMs(): number
}

/** @param producers the names of those that are sent to */
export function createRunTotals(plan: RunPlan, producers: readonly string[]): RunTotals {
  const counts = noMessages()
  const outcomes = createBatchOutcomes(plan.batches)
  const accept = new Latencies()
  const batches = new Latencies()
  const details = new Map<string, string>()
  const byProducer = new Map<string, ProducerTotals>()
  let lastSettledAtMs = 0

  function producerTotals(name: string): ProducerTotals {
    const known = byProducer.get(name)
    if (known !== undefined) return known
    const totals = { ...noMessages(), latencies: new Latencies(), errors: new Map<string, number>() }
    byProducer.set(name, totals)
    return totals
  }
  for (const name of producers) producerTotals(name)

  return {
    counts,
    outcomes,
    accept,
    batches,
    producers: byProducer,
    details,
    lastSettledAtMs: () => lastSettledAtMs,
    add({ batch, outcome, producer, latencyMs, settledAtMs, errors }) {
      const messages = plan.batch(batch).count
      const settler = producerTotals(producer)
      outcomes.set(batch, outcome)
      counts[outcome] += messages
      settler[outcome] += messages
      if (outcome === 'sent') {
        accept.add(latencyMs, messages)
        batches.add(latencyMs)
        settler.latencies.add(latencyMs)
      }
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
