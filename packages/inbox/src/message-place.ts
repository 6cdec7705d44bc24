import { originalIdHeader } from '@outbox/outbox/append-messages'
import { parsePlace } from '@outbox/outbox/place'
import type { DeliveredMessage } from './delivered-batch.ts'
import type { InboxMessage } from './handler.ts'

/** Where a message stands in the log of the outbox that it came from. */
export type MessagePlace = NonNullable<ReturnType<typeof parsePlace>>

/** Adds what a message's headers say of its way here; a place that can't be one counts as none. */
export function withPlace({ offset, key, value, headers, timestamp }: DeliveredMessage): InboxMessage {
  const place = readPlace(headers['outbox-place'])
  const messageId = headers['outbox-message-id']
  return { offset, key, value, headers, timestamp, place, messageId, replayed: headers[originalIdHeader] !== undefined }
}

function readPlace(text: string | undefined): MessagePlace | undefined {
  const place = text === undefined ? undefined : parsePlace(text)
  return place && place.n <= maxBigint && place.id <= maxBigint ? place : undefined
}

// PostgreSQL's, where positions are kept.
const maxBigint = 2n ** 63n - 1n
