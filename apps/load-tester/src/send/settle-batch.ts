import { setTimeout as sleep } from 'node:timers/promises'
import { backOffMs } from '@outbox/service/back-off'
import type { Attempt, BatchRequest } from './attempt.ts'
import type { ProducerCircuits } from './producer-circuits.ts'
import type { SendState } from './send-state.ts'
import type { AttemptError, Outcome, SettledBatch } from './settled-batch.ts'

/** Something that takes batches. */
export type BatchTaker = { name: string; post(request: BatchRequest): Promise<Attempt> }

/** `withinMs`: after that a batch that isn't settled stays so. The waits between attempts are jittered. */
export type SettleBounds = { withinMs: number; firstWaitMs: number; ceilingWaitMs: number }

/** A producer that was killed is back within seconds, a database in less than two minutes. */
export const defaultSettleBounds: SettleBounds = { withinMs: 120_000, firstWaitMs: 50, ceilingWaitMs: 2_000 }

type Turns = Pick<ProducerCircuits<BatchTaker>, 'next' | 'succeeded' | 'failed'>

/** What settling needs; `onError` hears of each attempt that wasn't accepted. */
export type Settling = {
  circuits: Turns
  bounds: SettleBounds
  state: SendState
  signal: AbortSignal
  onError?: (error: AttemptError) => void
}

/** `sinceMs`: when it was to be sent, as of `performance.now()`; its latency counts from then. */
export type BatchToSettle = { batch: number; sinceMs: number; request: BatchRequest }

/**
 * Sends a batch, and sends it again, with the same key and to another producer where there is one, until it is accepted
 * or refused. It gives up when `bounds.withinMs` are over or `signal` aborts: then it failed if no attempt can have been
 * accepted, and is unknown otherwise.
 */
export async function settleBatch(
  { batch, sinceMs, request }: BatchToSettle,
  { circuits, bounds, state, signal, onError }: Settling,
): Promise<SettledBatch> {
  const startedMs = performance.now()
  const isOver = () => signal.aborted || performance.now() - startedMs >= bounds.withinMs
  const errors: AttemptError[] = []
  let uncertain = false
  let last: BatchTaker | undefined

  function settled(outcome: Outcome): SettledBatch {
    const latencyMs = performance.now() - sinceMs
    return { batch, outcome, producer: last?.name ?? '', latencyMs, settledAtMs: Date.now(), errors }
  }

  for (;;) {
    const producer = await takeTurn(circuits, last, isOver)
    if (producer === undefined) return settled(uncertain ? 'unknown' : 'failed')
    last = producer
    if (errors.length > 0) state.repeated += 1
    state.inFlight += 1
    const attempt = await producer.post(request)
    state.inFlight -= 1
    if (attempt.result === 'accepted') {
      circuits.succeeded(producer)
      return settled('sent')
    }
    // These show that a producer works as well as a 202 does.
    if (attempt.result === 'refused' || attempt.code === '409') circuits.succeeded(producer)
    else circuits.failed(producer, attempt.retryAfterMs)
    const error = { producer: producer.name, code: attempt.code, detail: attempt.detail }
    errors.push(error)
    onError?.(error)
    uncertain ||= attempt.result === 'uncertain'
    if (attempt.result === 'refused') return settled(uncertain ? 'unknown' : 'failed')
    const waitMs = backOffMs(errors.length, { firstMs: bounds.firstWaitMs, ceilingMs: bounds.ceilingWaitMs })
    await sleep(waitMs, undefined, { signal }).catch(() => {})
  }
}

const restPollMs = 50

/** Waits while every producer rests. @returns undefined when the time is over */
async function takeTurn(
  circuits: Turns,
  not: BatchTaker | undefined,
  isOver: () => boolean,
): Promise<BatchTaker | undefined> {
  while (!isOver()) {
    const producer = circuits.next(not)
    if (producer !== undefined) return producer
    await sleep(restPollMs)
  }
  return undefined
}
