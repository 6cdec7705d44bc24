import { type Attributes, SpanKind, type Tracer } from '@opentelemetry/api'
import type { OutgoingMessage, Publisher } from '@outbox/kafka/publisher'
import { reasonOf } from '@outbox/service/reason-of'
import { traceBatch } from '@outbox/service/traced-batch'

/** Tells the traces of messages that, and when, Kafka took them. Without a tracer it is the publisher itself. */
export function withSpans(publisher: Publisher, tracer: Tracer | undefined): Publisher {
  if (tracer === undefined) return publisher
  return {
    connect: () => publisher.connect(),
    publish: (messages) =>
      traceBatch(
        { tracer, kind: SpanKind.PRODUCER, messages, describe, reasonOf },
        () => publisher.publish(messages),
        (refusal) => ({
          done: refusal?.index ?? messages.length,
          failure: refusal && `${refusal.code}: ${refusal.reason}`,
        }),
      ),
    close: () => publisher.close(),
  }
}

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/kafka/ */
function describe(messages: readonly OutgoingMessage[]): { name: string; attributes: Attributes } {
  const [first] = messages
  const last = messages.at(-1)
  const topic = messages.every((message) => message.topic === first?.topic) ? first?.topic : undefined
  return {
    name: topic === undefined ? 'publish' : `publish ${topic}`,
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.name': topic,
      'messaging.batch.message_count': messages.length,
      'messaging.message.id': first === last ? first?.headers['outbox-message-id'] : undefined,
      'outbox.place.first': first?.headers['outbox-place'],
      'outbox.place.last': last?.headers['outbox-place'],
    },
  }
}
