import { parsePlace } from '@outbox/outbox/place'
import type { DeliveredMessage } from './delivered-batch.ts'
import type { InboxMessage } from './handler.ts'

/** Where a message stands in the log of the outbox that it came from. */
export type MessagePlace = NonNullable<ReturnType<typeof parsePlace>>

/** Reads a message's place from its headers; one that can't be read counts as none. */
export function withPlace({ offset, key, value, headers, timestamp }: DeliveredMessage): InboxMessage {
  const place = headers['outbox-place']
  return {
    offset,
    key,
    value,
    headers,
    timestamp,
    place: place === undefined ? undefined : parsePlace(place),
    messageId: headers['outbox-message-id'],
  }
}
