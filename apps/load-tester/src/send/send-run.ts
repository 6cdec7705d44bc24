import type { RunPlan } from '../plan/run-plan.ts'
import type { SettledBatch } from './settled-batch.ts'

/** Says when batches may begin. */
export type Pace = {
  /**
   * Waits until the batch may begin.
   * @returns undefined when neither it nor a later one is to begin
   */
  begin(batch: number): Promise<Start | undefined>
}

/** `sinceMs`: from when its latency counts, as of `performance.now()`; `lateMs`: by how much it missed its due time. */
export type Start = { sinceMs: number; lateMs?: number }

/**
 * Sends every batch of the plan, as many at once as it has workers, each worker its own one after the other, at the pace
 * that is given. Ends early when the pace does: batches in hand are settled, no other is begun.
 */
export async function sendRun(
  plan: RunPlan,
  options: {
    pace: Pace
    settle: (batch: number, start: Start) => Promise<SettledBatch>
    onSettled: (settled: SettledBatch) => void
  },
): Promise<void> {
  const { pace, settle, onSettled } = options

  async function work(worker: number): Promise<void> {
    for (let batch = worker; batch < plan.batches; batch += plan.workers) {
      const start = await pace.begin(batch)
      if (start === undefined) return
      onSettled(await settle(batch, start))
    }
  }

  await Promise.all(Array.from({ length: plan.workers }, (_, worker) => work(worker)))
}
