import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { addDeadLetter, type GivenUp } from './add-dead-letter.ts'
import { applySlice } from './apply-slice.ts'
import { isTimeOut } from './database-fault.ts'
import type { DeliveredBatch } from './delivered-batch.ts'
import { DatabaseFaultError, EffectFailedError } from './effect-transaction.ts'
import type { Handler, InboxMessage } from './handler.ts'
import { loggedIds } from './logged-ids.ts'
import { withPlace } from './message-place.ts'
import { type OnTransaction, watchTransaction } from './watch-transaction.ts'

/** What `applyOnce` needs. */
export type ApplyOnce = {
  group: string
  batch: DeliveredBatch
  handler: Handler
  retry: RetryPolicy
  deadLetters: DeadLetterBound
  /** Stops between two transactions; the one in hand is finished. */
  signal: AbortSignal
  onTransaction?: OnTransaction
  logger: ApplyLogger
}

/** How often, and when, what failed is tried again. */
export type RetryPolicy = {
  /** Attempts of a message on its own before it becomes a dead letter. */
  maxAttempts: number
  /** Milliseconds to wait after the attempt of this number; the first is 1. */
  waitMs: (attempt: number) => number
}

/** How many dead letters a group may keep. */
export type DeadLetterBound = {
  /** Why the group may keep no more of them now; undefined = it may. Asked each time that a message has failed. */
  full: () => Error | undefined
  /** So many more are kept. */
  added: (count: number) => void
}

/** What is written to the log; pino's fits. */
export type ApplyLogger = Record<'warn' | 'error', (fields: object, message: string) => void>

/** How far a batch got. */
export type Applied = {
  /** Where the group goes on: the offset to fetch from next. */
  nextOffset: bigint
  applied: number
  duplicates: number
  deadLettered: number
}

/**
 * Applies a batch so that each message takes effect exactly once in this group, in the order of the partition,
 * however often and by whomever it is delivered.
 *
 * One transaction does it. If the handler throws, it is rolled back, and halving finds the message that fails: what
 * stands before it is committed, it is tried alone with back-off, and becomes a dead letter in the same transaction
 * that moves the position past it. Those behind it go on, the ones of its key too (`skip`). The database's own
 * failures count against no message and are waited out without end.
 *
 * While the group may keep no more dead letters, a message that fails holds its partition: what stands before it takes effect,
 * and the batch that begins with it is refused, to be tried again later.
 *
 * @returns where to go on, also when `signal` or the batch's own has aborted it
 * @throws {PartitionStoppedError} when an operator must decide
 * @throws what `deadLetters.full` said, when the first message is held
 */
export async function applyOnce(pool: Pool, options: ApplyOnce): Promise<Applied> {
  const { fetchedOffset, messages } = options.batch
  const result: Applied = { nextOffset: fetchedOffset, applied: 0, duplicates: 0, deadLettered: 0 }
  const run: Run = { ...options, pool, result, heldBy: undefined }
  await applyInOrder(run, messages.map(withPlace))
  if (run.heldBy && result.nextOffset === fetchedOffset) throw run.heldBy
  return result
}

/** `heldBy`: why a message can neither take effect nor be given up. */
type Run = ApplyOnce & { pool: Pool; result: Applied; heldBy: Error | undefined }

/** Applies messages, in one transaction if none fails. Tells whether to go on with those behind them. */
async function applyInOrder(run: Run, messages: readonly InboxMessage[]): Promise<boolean> {
  try {
    return await applyTogether(run, messages)
  } catch (error) {
    if (!(error instanceof EffectFailedError)) throw error
    return messages.length > 1 ? applyHalves(run, messages) : applyAlone(run, messages, error)
  }
}

async function applyHalves(run: Run, messages: readonly InboxMessage[]): Promise<boolean> {
  const middle = messages.length >> 1
  const goesOn = await applyInOrder(run, messages.slice(0, middle))
  return goesOn && applyInOrder(run, messages.slice(middle))
}

/** Tries a message that has failed alone until it takes effect, or is given up; where it can't be given up, not at all. */
async function applyAlone(run: Run, message: readonly InboxMessage[], failed: EffectFailedError): Promise<boolean> {
  const { retry, logger } = run
  const failure = { attempts: 1, firstFailedAt: new Date(), error: failed }
  for (; failure.attempts < retry.maxAttempts; failure.attempts += 1) {
    if (isHeld(run, message, failure)) return false
    const log = { ...describe(run, message), attempt: failure.attempts, err: failure.error }
    logger.warn(log, 'the handler failed a message, which is tried again')
    await pause(run, failure.attempts)
    try {
      return await applyTogether(run, message)
    } catch (error) {
      if (!(error instanceof EffectFailedError)) throw error
      failure.error = error
    }
  }
  if (isHeld(run, message, failure)) return false
  const log = { ...describe(run, message), attempts: failure.attempts, err: failure.error }
  logger.error(log, 'the handler failed a message for good: it becomes a dead letter, and those behind it go on')
  return applyTogether(run, message, failure)
}

/** One transaction, tried until the database lets it happen. */
async function applyTogether(run: Run, messages: readonly InboxMessage[], givenUp?: GivenUp): Promise<boolean> {
  const { pool, group, batch, result, onTransaction, logger } = run
  const handler = givenUp ? addDeadLetter(givenUp) : run.handler
  for (let faults = 1; !isStopped(run); faults += 1) {
    try {
      const slice = { ...batch, group, fetchedOffset: result.nextOffset, messages }
      const outcome = await watchTransaction(applySlice(pool, { slice, handler }), onTransaction)
      result.nextOffset = outcome.nextOffset
      result.duplicates += outcome.duplicates
      result[givenUp ? 'deadLettered' : 'applied'] += outcome.applied
      if (givenUp) run.deadLetters.added(outcome.applied)
      return outcome.connected
    } catch (error) {
      if (!(error instanceof DatabaseFaultError)) throw error
      logger.warn({ ...describe(run, messages), err: error.cause }, 'the database failed a batch, which is tried again')
      await pause(run, faults)
      if (error.cause instanceof EffectFailedError && isTimeOut(error) && messages.length > 1)
        return applyHalves(run, messages)
    }
  }
  return false
}

/** Its attempts would keep others from being worked on: it waits outside, however long. */
function isHeld(run: Run, message: readonly InboxMessage[], { error }: GivenUp): boolean {
  run.heldBy = run.deadLetters.full()
  if (run.heldBy === undefined) return false
  const log = { ...describe(run, message), err: error }
  run.logger.error(log, 'the handler failed a message, and there is no room for a dead letter: it holds its partition')
  return true
}

function isStopped({ signal, batch }: Run): boolean {
  return signal.aborted || batch.signal.aborted
}

async function pause({ retry, signal, batch }: Run, attempt: number): Promise<void> {
  const stopped = AbortSignal.any([signal, batch.signal])
  await sleep(retry.waitMs(attempt), undefined, { signal: stopped }).catch(() => {})
}

/** Of several messages it names the first. Never what they say: neither key nor value nor headers belong into a log. */
function describe({ group, batch: { topic, partition } }: Run, messages: readonly InboxMessage[]) {
  const [first] = messages
  const named = { ...loggedIds(first?.headers), offset: String(first?.offset) }
  return { group, topic, partition, ...named, messages: messages.length }
}
