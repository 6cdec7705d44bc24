import { traceIdOf } from '@outbox/outbox/trace-id'

/**
 * What names a message in a log: the outbox's id of it, and its trace. Its headers may come from a foreign producer, who writes into
 * them what he likes: only what looks like an id is shown.
 */
export function loggedIds(headers: Readonly<Record<string, string>> | undefined) {
  const messageId = headers?.['outbox-message-id']
  return { messageId: uuid.test(messageId ?? '') ? messageId : undefined, traceId: traceIdOf(headers) }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
