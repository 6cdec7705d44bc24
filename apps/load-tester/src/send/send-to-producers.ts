import { setTimeout as sleep } from 'node:timers/promises'
import type { RunPlan } from '../plan/run-plan.ts'
import type { RunRecord } from '../record/run-record.ts'
import type { RunTotals } from '../record/run-totals.ts'
import { createProducerClient, type ProducerAddress } from './producer-client.ts'
import { createProducerRing } from './producer-ring.ts'
import { sendRun } from './send-run.ts'
import type { SendState } from './send-state.ts'
import { type BatchTaker, defaultSettleBounds, settleBatch } from './settle-batch.ts'
import type { SettledBatch } from './settled-batch.ts'

/** A run that is ready to go. */
export type RunToSend = {
  runId: string
  plan: RunPlan
  producers: readonly ProducerAddress[]
  bodyOf: (batch: number, sentAtMs: number) => Buffer
  totals: RunTotals
  state: SendState
  record: RunRecord
  /** Told of each outcome, and of each attempt that is made again. */
  onSettled: (settled: SettledBatch) => void
  onError: (note: string) => void
  signal: AbortSignal
}

const connectTimeoutMs = 3_000
const requestTimeoutMs = 10_000
/** After an interrupt a request under way may take so long; then its outcome is unknown. */
const lastAnswersMs = 3_000

/** Sends the run to the producers in turn; each outcome goes into the record and the totals. */
export async function sendToProducers(run: RunToSend): Promise<void> {
  const { runId, plan, totals, state, record, signal } = run
  const cut = new AbortController()
  const bounds = { connections: plan.workers, connectTimeoutMs, requestTimeoutMs }
  const clients = run.producers.map((producer) => createProducerClient(producer, bounds, cut.signal))
  const ring = createProducerRing<BatchTaker>(clients, {
    firstMs: 250,
    ceilingMs: 2_000,
    probeMs: requestTimeoutMs,
  })
  const done = new AbortController()
  const cutting = cutAfterInterrupt(signal, cut, done.signal)

  await sendRun(plan, {
    signal,
    settle(batch) {
      const body = run.bodyOf(batch, Date.now())
      const request = { body, idempotencyKey: `${runId}/${batch}`, messages: plan.batch(batch).count }
      return settleBatch(batch, request, {
        ring,
        bounds: defaultSettleBounds,
        signal,
        onError({ producer, code, detail }) {
          state.repeated += 1
          run.onError(`batch ${batch}: ${producer} ${code} (${detail ?? ''})`)
        },
      })
    },
    onSettled(settled) {
      record.append(settled)
      totals.add(settled)
      run.onSettled(settled)
    },
  })
  record.finish()
  done.abort()
  await cutting
  await Promise.all(clients.map((client) => client.close()))
}

async function cutAfterInterrupt(interrupt: AbortSignal, cut: AbortController, done: AbortSignal): Promise<void> {
  const either = AbortSignal.any([interrupt, done])
  if (!either.aborted) await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }))
  await sleep(lastAnswersMs, undefined, { signal: done }).catch(() => {})
  cut.abort()
}
