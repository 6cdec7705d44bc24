import type { RunPlan } from '../plan/run-plan.ts'
import type { SettledBatch } from './settled-batch.ts'

/**
 * Sends every batch of the plan, as many at once as it has workers, each worker its own one after the other.
 * Ends early when `signal` aborts: batches in hand are settled, no other is begun.
 */
export async function sendRun(
  plan: RunPlan,
  options: {
    settle: (batch: number) => Promise<SettledBatch>
    onSettled: (settled: SettledBatch) => void
    signal: AbortSignal
  },
): Promise<void> {
  const { settle, onSettled, signal } = options

  async function work(worker: number): Promise<void> {
    for (let batch = worker; batch < plan.batches && !signal.aborted; batch += plan.workers) {
      onSettled(await settle(batch))
    }
  }

  await Promise.all(Array.from({ length: plan.workers }, (_, worker) => work(worker)))
}
