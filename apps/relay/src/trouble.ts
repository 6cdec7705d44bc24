import { TopicError } from '@outbox/kafka/ensure-topic'
import { PublishError } from '@outbox/kafka/publisher'
import { TicksSweptError } from '@outbox/outbox/read-ticks'
import { isRetriable, sqlState } from '@outbox/service/database-error'
import { reasonOf } from '@outbox/service/reason-of'
import { BreakerOpenError } from './circuit-breaker.ts'
import { DeadLettersFullError } from './dead-letter-limit.ts'

/** Whose fault it is that nothing moves; it passes when that part is back. */
export type Trouble = { part: 'kafka' | 'database' | 'dead letters'; reason: string }

const queryCanceled = '57014'

/** The part that is away, or undefined for an error that trying again doesn't cure. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return undefined
  const reason = reasonOf(error)
  if (error instanceof DeadLettersFullError) return { part: 'dead letters', reason }
  if (
    error instanceof PublishError ||
    error instanceof BreakerOpenError ||
    (error instanceof TopicError && error.retriable)
  ) {
    return { part: 'kafka', reason }
  }
  if (isRetriable(error) || sqlState(error) === queryCanceled || error instanceof TicksSweptError) {
    return { part: 'database', reason }
  }
  return undefined
}
