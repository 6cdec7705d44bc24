import type { RunPlan } from '../plan/run-plan.ts'
import type { Outcome } from '../send/settled-batch.ts'

const codes = ['none', 'sent', 'failed', 'unknown'] as const

/** What is known of a batch; `none`: it wasn't sent, as far as anyone knows. */
export type BatchState = Outcome | 'none'

/** The state of each batch, in a byte. */
export type BatchOutcomes = {
  get(batch: number): BatchState
  set(batch: number, outcome: Outcome): void
  /** One above the last batch of which anything is known. */
  end(): number
}

/** Each batch's state is `none` at first. Memory grows with the batches that have another one. */
export function createBatchOutcomes(): BatchOutcomes {
  let states = new Uint8Array(4_096)
  let end = 0
  return {
    get: (batch) => codes[states[batch] ?? 0] ?? 'none',
    set(batch, outcome) {
      if (batch >= states.length) {
        const larger = new Uint8Array(Math.max(states.length * 2, batch + 1))
        larger.set(states)
        states = larger
      }
      states[batch] = codes.indexOf(outcome)
      end = Math.max(end, batch + 1)
    },
    end: () => end,
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
