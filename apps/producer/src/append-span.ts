import {
  context,
  isSpanContextValid,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { OutboxMessage } from '@outbox/outbox/append-messages'
import { messagingAttributes, soleTopic } from '@outbox/service/messaging-attributes'
import { reasonOf } from '@outbox/service/reason-of'
import { formatTraceparent } from '@outbox/service/traceparent'

/** `given` is the request's own `traceparent`. */
export type TracedAppend = { tracer: Tracer | undefined; messages: OutboxMessage[]; given: string | undefined }

/**
 * Appends messages that carry the trace on from here. With a tracer, what comes later has the span of the append for its
 * parent; without one, whatever the request named.
 */
export async function traceAppend<Result>(
  { tracer, messages, given }: TracedAppend,
  append: () => Promise<Result>,
): Promise<Result> {
  const span = tracer && startSpan(tracer, messages)
  const spanContext = span?.spanContext()
  // An SDK that could make nothing of its exporter gives spans without a name.
  const traceparent = spanContext && isSpanContextValid(spanContext) ? formatTraceparent(spanContext) : given
  if (traceparent !== undefined) {
    for (const message of messages) message.headers = { ...message.headers, traceparent }
  }
  if (span === undefined) return append()
  try {
    return await context.with(trace.setSpan(context.active(), span), append)
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: reasonOf(error) })
    throw error
  } finally {
    span.end()
  }
}

function startSpan(tracer: Tracer, messages: readonly OutboxMessage[]): Span {
  const topic = soleTopic(messages)
  return tracer.startSpan(topic === undefined ? 'append' : `append ${topic}`, {
    kind: SpanKind.PRODUCER,
    attributes: messagingAttributes({ name: 'append', type: 'create', topic }, messages),
  })
}
