import { TopicError } from '@outbox/kafka/ensure-topic'
import { PublishError } from '@outbox/kafka/publisher'
import { TicksSweptError } from '@outbox/outbox/read-ticks'
import { isRetriable, sqlState } from '@outbox/service/database-error'

/** Whose fault it is that nothing moves; it passes when that part is back. */
export type Trouble = { part: 'kafka' | 'database'; reason: string }

const queryCanceled = '57014'

/** The part that is away, or undefined for an error that trying again doesn't cure. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return undefined
  if (error instanceof PublishError || (error instanceof TopicError && error.retriable)) {
    return { part: 'kafka', reason: error.message }
  }
  if (isRetriable(error) || sqlState(error) === queryCanceled || error instanceof TicksSweptError) {
    return { part: 'database', reason: error.message }
  }
  return undefined
}
