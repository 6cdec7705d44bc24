import type { RunPlan } from '../plan/run-plan.ts'
import type { Outcome } from '../send/settled-batch.ts'

const codes = ['none', 'sent', 'failed', 'unknown'] as const

/** What is known of a batch; `none`: it wasn't sent, as far as anyone knows. */
export type BatchState = Outcome | 'none'

/** The state of each batch, in a byte. */
export type BatchOutcomes = { get(batch: number): BatchState; set(batch: number, outcome: Outcome): void }

/** Each batch's state is `none` at first. */
export function createBatchOutcomes(batches: number): BatchOutcomes {
  const states = new Uint8Array(batches)
  return {
    get: (batch) => codes[states[batch] ?? 0] ?? 'none',
    set(batch, outcome) {
      states[batch] = codes.indexOf(outcome)
    },
  }
}

/**
 * The batches that may have been under way when the tester was killed: each worker's first one without outcome, as a
 * worker begins none before the former is settled.
 */
export function underWay(plan: RunPlan, outcomes: BatchOutcomes): number[] {
  const found: number[] = []
  for (let worker = 0; worker < plan.workers; worker += 1) {
    let batch = worker
    while (batch < plan.batches && outcomes.get(batch) !== 'none') batch += plan.workers
    if (batch < plan.batches) found.push(batch)
  }
  return found
}
