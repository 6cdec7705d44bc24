import { setTimeout as sleep } from 'node:timers/promises'
import type { RunOptions } from '../command-line/run-options.ts'
import type { RunPlan } from '../plan/run-plan.ts'
import { createTimetable } from '../plan/timetable.ts'
import type { RunRecord } from '../record/run-record.ts'
import type { RunTotals } from '../record/run-totals.ts'
import type { CheckedProducer } from '../system/check-producers.ts'
import { closedPace } from './closed-pace.ts'
import { openPace } from './open-pace.ts'
import type { ProducerAddress } from './producer-client.ts'
import { createProducerTeam, type ProducerTeam } from './producer-team.ts'
import { recheckProducers } from './recheck-producers.ts'
import { type Pace, type Start, sendRun } from './send-run.ts'
import type { SendState } from './send-state.ts'
import { defaultSettleBounds, settleBatch } from './settle-batch.ts'
import type { SettledBatch } from './settled-batch.ts'

/** A run that is ready to go. */
export type RunToSend = {
  runId: string
  plan: RunPlan
  options: Pick<RunOptions, 'messages' | 'stages' | 'durationMs'>
  producers: readonly ProducerAddress[]
  /** Looks at all producers' addresses again. */
  check: () => Promise<CheckedProducer[]>
  /** Told of a producer that wasn't there at the start. */
  onJoined: (producer: CheckedProducer) => void
  bodyOf: (batch: number, sentAtMs: number) => string
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
const recheckMs = 5_000
/** After an interrupt a request under way may take so long; then its outcome is unknown. */
const lastAnswersMs = 3_000

/** Sends the run to the producers in turn; each outcome goes into the record and the totals. */
export async function sendToProducers(run: RunToSend): Promise<void> {
  const { plan, totals, state, record, signal } = run
  const team = createProducerTeam(run.producers, { connectTimeoutMs, requestTimeoutMs })
  state.circuits = () => team.circuits.list().map(({ producer, circuit }) => ({ name: producer.name, circuit }))
  const done = new AbortController()
  const meanwhile = [
    cutAfterInterrupt(signal, team, done.signal),
    recheckProducers({
      check: run.check,
      everyMs: recheckMs,
      onChecked: (producers) => team.checked(producers).forEach(run.onJoined),
      signal: AbortSignal.any([signal, done.signal]),
    }),
  ]
  await sendRun(plan, {
    pace: paceOf(run, performance.now()),
    settle: (batch, start) => settleAt(run, team, batch, start),
    onSettled(settled) {
      record.append(settled)
      totals.add(settled)
      run.onSettled(settled)
    },
  })
  record.finish()
  done.abort()
  await Promise.all(meanwhile)
  team.close()
}

async function settleAt(
  { runId, plan, bodyOf, state, signal, onError }: RunToSend,
  { circuits }: ProducerTeam,
  batch: number,
  { sinceMs, lateMs }: Start,
): Promise<SettledBatch> {
  const body = bodyOf(batch, Math.round(Date.now() - (performance.now() - sinceMs)))
  const request = { body, idempotencyKey: `${runId}/${batch}`, messages: plan.batch(batch).count }
  const settled = await settleBatch(
    { batch, sinceMs, request },
    {
      ...{ circuits, state, signal },
      bounds: defaultSettleBounds,
      onError: ({ producer, code, detail }) => onError(`batch ${batch}: ${producer} ${code} (${detail ?? ''})`),
    },
  )
  return lateMs === undefined ? settled : { ...settled, lateMs }
}

function paceOf({ plan, options: { stages, durationMs }, signal }: RunToSend, startMs: number): Pace {
  if (stages === undefined) return closedPace({ untilMs: startMs + (durationMs ?? Number.POSITIVE_INFINITY), signal })
  const timetable = createTimetable(stages)
  const dueMs = (batch: number) => timetable.dueMs(plan.batch(batch).first)
  return openPace({ startMs, batches: plan.batches, workers: plan.workers, dueMs }, signal)
}

async function cutAfterInterrupt(interrupt: AbortSignal, team: ProducerTeam, done: AbortSignal): Promise<void> {
  const either = AbortSignal.any([interrupt, done])
  if (!either.aborted) await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }))
  await sleep(lastAnswersMs, undefined, { signal: done }).catch(() => {})
  team.close()
}
