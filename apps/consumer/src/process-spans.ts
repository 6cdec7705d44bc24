import { SpanKind, type Tracer } from '@opentelemetry/api'
import type { Handler, HandlerContext, InboxMessage } from '@outbox/inbox/handler'
import { strangersReason } from '@outbox/service/logged-error'
import { messagingAttributes, placeAttributes } from '@outbox/service/messaging-attributes'
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

function describeIn({ group, topic, partition }: HandlerContext): TracedBatch<InboxMessage>['describe'] {
  return (messages) => ({
    name: `process ${topic}`,
    attributes: {
      ...messagingAttributes({ name: 'process', type: 'process', topic }, messages),
      'messaging.destination.partition.id': String(partition),
      'messaging.consumer.group.name': group,
      'messaging.message.id': messages.length === 1 ? messages[0]?.messageId : undefined,
      ...placeAttributes(messages),
    },
  })
}
