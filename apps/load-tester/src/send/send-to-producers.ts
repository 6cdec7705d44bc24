import { setTimeout as sleep } from 'node:timers/promises'
import type { ProgressLine } from '@outbox/service/progress-line'
import type { RunPlan } from '../plan/run-plan.ts'
import type { RunRecord } from '../record/run-record.ts'
import type { RunTotals } from '../record/run-totals.ts'
import { whole } from '../report/numbers.ts'
import { createProducerClient, type ProducerAddress } from './producer-client.ts'
import { createProducerRing } from './producer-ring.ts'
import { sendRun } from './send-run.ts'
import { type BatchTaker, defaultSettleBounds, settleBatch } from './settle-batch.ts'

/** A run that is ready to go. */
export type RunToSend = {
  runId: string
  plan: RunPlan
  producers: readonly ProducerAddress[]
  bodyOf: (batch: number, sentAtMs: number) => Buffer
  totals: RunTotals
  record: RunRecord
  progress: ProgressLine
  verbose: boolean
  signal: AbortSignal
}

const connectTimeoutMs = 3_000
const requestTimeoutMs = 10_000
/** After an interrupt a request under way may take so long; then its outcome is unknown. */
const lastAnswersMs = 3_000

/** Sends the run to the producers in turn; each outcome goes into the record and the totals. */
export async function sendToProducers(run: RunToSend): Promise<void> {
  const { runId, plan, totals, record, progress, verbose, signal } = run
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
  const startedMs = performance.now()
  let again = 0

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
          again += 1
          if (verbose) progress.note(`batch ${batch}: ${producer} ${code} (${detail ?? ''})`)
        },
      })
    },
    onSettled(settled) {
      record.append(settled)
      totals.add(settled)
      progress.update(() => sendingText(plan.messages, totals, again, performance.now() - startedMs))
    },
  })
  record.finish()
  progress.end()
  done.abort()
  await cutting
  await Promise.all(clients.map((client) => client.close()))
}

function sendingText(messages: number, { counts }: RunTotals, again: number, elapsedMs: number): string {
  const settled = counts.sent + counts.failed + counts.unknown
  const perSecond = counts.sent / (elapsedMs / 1_000)
  const secondsLeft = Math.ceil((((messages - settled) / Math.max(settled, 1)) * elapsedMs) / 1_000)
  const repeated = again === 0 ? '' : `, ${whole(again)} requests repeated`
  const share = Math.floor((settled / messages) * 100)
  return `sent ${whole(counts.sent)} of ${whole(messages)} (${share} %), ${whole(perSecond)} messages/s${repeated}, ${whole(secondsLeft)} s left`
}

async function cutAfterInterrupt(interrupt: AbortSignal, cut: AbortController, done: AbortSignal): Promise<void> {
  const either = AbortSignal.any([interrupt, done])
  if (!either.aborted) await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }))
  await sleep(lastAnswersMs, undefined, { signal: done }).catch(() => {})
  cut.abort()
}
