import type { Attributes } from '@opentelemetry/api'
import type { TracedMessage } from './traced-batch.ts'

/** What is done with messages, in OpenTelemetry's words; no topic: they are of several. */
export type MessagingOperation = { name: string; type: 'create' | 'send' | 'process'; topic: string | undefined }

/**
 * What a span says of messages on their way.
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/kafka/
 */
export function messagingAttributes(
  { name, type, topic }: MessagingOperation,
  messages: readonly unknown[],
): Attributes {
  return {
    'messaging.system': 'kafka',
    'messaging.operation.name': name,
    'messaging.operation.type': type,
    'messaging.destination.name': topic,
    'messaging.batch.message_count': messages.length,
  }
}

/** Where in the log messages stand that have their places. */
export function placeAttributes(messages: readonly TracedMessage[]): Attributes {
  return {
    'outbox.place.first': messages[0]?.headers['outbox-place'],
    'outbox.place.last': messages.at(-1)?.headers['outbox-place'],
  }
}

/** The topic of all of them; undefined where they are of several, or there are none. */
export function soleTopic(messages: readonly { topic: string }[]): string | undefined {
  const [first] = messages
  return messages.every(({ topic }) => topic === first?.topic) ? first?.topic : undefined
}
