import { type Attributes, SpanKind, type Tracer } from '@opentelemetry/api'
import type { OutgoingMessage, Publisher } from '@outbox/kafka/publisher'
import { messagingAttributes, placeAttributes, soleTopic } from '@outbox/service/messaging-attributes'
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

function describe(messages: readonly OutgoingMessage[]): { name: string; attributes: Attributes } {
  const [first] = messages
  const topic = soleTopic(messages)
  return {
    name: topic === undefined ? 'publish' : `publish ${topic}`,
    attributes: {
      ...messagingAttributes({ name: 'publish', type: 'send', topic }, messages),
      'messaging.message.id': messages.length === 1 ? first?.headers['outbox-message-id'] : undefined,
      ...placeAttributes(messages),
    },
  }
}
