import { setTimeout as sleep } from 'node:timers/promises'
import type { RunOptions } from '../command-line/run-options.ts'
import type { RunPlan } from '../plan/run-plan.ts'
import { createTimetable } from '../plan/timetable.ts'
import type { RunRecord } from '../record/run-record.ts'
import type { RunTotals } from '../record/run-totals.ts'
import { closedPace } from './closed-pace.ts'
import { openPace } from './open-pace.ts'
import { createProducerCircuits } from './producer-circuits.ts'
import { createProducerClient, type ProducerAddress } from './producer-client.ts'
import { type Pace, sendRun } from './send-run.ts'
import type { SendState } from './send-state.ts'
import { type BatchTaker, defaultSettleBounds, settleBatch } from './settle-batch.ts'
import type { SettledBatch } from './settled-batch.ts'

/** A run that is ready to go. */
export type RunToSend = {
  runId: string
  plan: RunPlan
  options: Pick<RunOptions, 'messages' | 'stages' | 'durationMs'>
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
  const circuits = createProducerCircuits<BatchTaker>(clients, {
    firstMs: 250,
    ceilingMs: 2_000,
    probeMs: requestTimeoutMs,
  })
  state.circuits = () => circuits.list().map(({ producer, circuit }) => ({ name: producer.name, circuit }))
  const done = new AbortController()
  const cutting = cutAfterInterrupt(signal, cut, done.signal)
  const startedMs = performance.now()

  await sendRun(plan, {
    pace: paceOf(run, startedMs),
    async settle(batch, { sinceMs, lateMs }) {
      const body = run.bodyOf(batch, Math.round(Date.now() - (performance.now() - sinceMs)))
      const request = { body, idempotencyKey: `${runId}/${batch}`, messages: plan.batch(batch).count }
      const settled = await settleBatch(
        { batch, sinceMs, request },
        {
          circuits,
          bounds: defaultSettleBounds,
          state,
          signal,
          onError({ producer, code, detail }) {
            run.onError(`batch ${batch}: ${producer} ${code} (${detail ?? ''})`)
          },
        },
      )
      return lateMs === undefined ? settled : { ...settled, lateMs }
    },
    onSettled(settled) {
      totals.add(settled)
      run.onSettled(settled)
      return record.append(settled)
    },
  })
  record.finish()
  done.abort()
  await cutting
  await Promise.all(clients.map((client) => client.close()))
}

function paceOf({ plan, options: { stages, durationMs }, signal }: RunToSend, startMs: number): Pace {
  if (stages === undefined) return closedPace({ untilMs: startMs + (durationMs ?? Number.POSITIVE_INFINITY), signal })
  const timetable = createTimetable(stages)
  const dueMs = (batch: number) => timetable.dueMs(plan.batch(batch).first)
  return openPace({ startMs, batches: plan.batches, workers: plan.workers, dueMs }, signal)
}

async function cutAfterInterrupt(interrupt: AbortSignal, cut: AbortController, done: AbortSignal): Promise<void> {
  const either = AbortSignal.any([interrupt, done])
  if (!either.aborted) await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }))
  await sleep(lastAnswersMs, undefined, { signal: done }).catch(() => {})
  cut.abort()
}
