import { SpanKind, type Tracer } from '@opentelemetry/api'
import type { Handler, HandlerContext, InboxMessage } from '@outbox/inbox/handler'
import { strangersReason } from '@outbox/service/logged-error'
import { type TracedBatch, traceBatch } from '@outbox/service/traced-batch'

/**
 * Tells the traces of messages that the handler was given them; its statements are in that span as well. It ends with the handler,
 * right before the commit: one that fails is followed by another attempt, and a span of that. Without a tracer it is the
 * handler itself.
 */
export function withSpans(handle: Handler, tracer: Tracer | undefined): Handler {
  if (tracer === undefined) return handle
  return (tx, messages, context) =>
    traceBatch(
      { tracer, kind: SpanKind.CONSUMER, messages, describe: describeIn(context), reasonOf: strangersReason },
      () => handle(tx, messages, context),
    )
}

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/kafka/ */
function describeIn({ group, topic, partition }: HandlerContext): TracedBatch<InboxMessage>['describe'] {
  return (messages) => {
    const [first] = messages
    const last = messages.at(-1)
    return {
      name: `process ${topic}`,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': topic,
        'messaging.destination.partition.id': String(partition),
        'messaging.consumer.group.name': group,
        'messaging.batch.message_count': messages.length,
        'messaging.message.id': first === last ? first?.messageId : undefined,
        'outbox.place.first': first?.headers['outbox-place'],
        'outbox.place.last': last?.headers['outbox-place'],
      },
    }
  }
}
