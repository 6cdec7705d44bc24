import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { sampledParent } from './traceparent.ts'

/** A message that may name the span it comes from, in `traceparent`. */
export type TracedMessage = { headers: Record<string, string> }

/** Messages that are worked on together, and how a span tells of them. */
export type TracedBatch<Message extends TracedMessage> = {
  tracer: Tracer
  kind: SpanKind
  messages: readonly Message[]
  /** The span's name and attributes: for all of the messages, and for those of one parent. */
  describe: (messages: readonly Message[]) => { name: string; attributes: Attributes }
  /** What the span says of work that failed as a whole: nothing that may quote a message. */
  reasonOf: (error: unknown) => string
}

/** How far the work came: the first `done` messages, and why not the next one, if it was that one's fault. */
export type BatchEnding = { done: number; failure: string | undefined }

/** Parents that a batch tells of at most: fewer than the 128 links that a span keeps by default. */
export const maxParents = 100

/**
 * Does `work` in a span of the batch. Where all messages come from one sampled parent, the span is that one's child. Where they
 * come from several, it begins a trace of its own with a link to each of them, and when the work is done each of these gets a
 * short child, with a link back, so that a message's own trace shows it as well. Where none is sampled there is no span.
 *
 * Work that fails as a whole shows in the span of the batch alone: it is done again, and who waits long has no end of attempts.
 * @see docs/adr/0019-traces-follow-a-message.md
 */
export async function traceBatch<Message extends TracedMessage, Result>(
  batch: TracedBatch<Message>,
  work: () => Promise<Result>,
  endingOf: (result: Result) => BatchEnding = () => ({ done: batch.messages.length, failure: undefined }),
): Promise<Result> {
  const { messages } = batch
  const { parents, leftOut } = sampledParents(messages)
  const [first] = parents
  if (first === undefined) return work()
  const startTime = Date.now()
  const isSole = first.messages.length === messages.length
  const span = isSole ? childOf(first, { batch, startTime }) : linkedTo(parents, { batch, startTime, leftOut })
  try {
    const result = await context.with(trace.setSpan(context.active(), span), work)
    const { done, failure } = endingOf(result)
    if (failure !== undefined) fail(span, failure)
    if (isSole) return result
    const links = [{ context: span.spanContext() }]
    const taken = failure === undefined ? parents : sampledParents(messages.slice(0, done)).parents
    for (const parent of taken) childOf(parent, { batch, startTime, links }).end()
    if (failure === undefined) return result
    for (const parent of sampledParents(messages.slice(done, done + 1)).parents) {
      fail(childOf(parent, { batch, startTime, links }), failure).end()
    }
    return result
  } catch (error) {
    fail(span, batch.reasonOf(error))
    throw error
  } finally {
    span.end()
  }
}

type Parent<Message> = { spanContext: SpanContext; messages: Message[] }

/** Each sampled parent once, with its messages. Most messages of a request have the same one: it is read once. */
function sampledParents<Message extends TracedMessage>(messages: readonly Message[]) {
  const known = new Map<string, Parent<Message> | undefined>()
  const parents: Parent<Message>[] = []
  let leftOut = 0
  for (const message of messages) {
    const { traceparent } = message.headers
    if (traceparent === undefined) continue
    if (!known.has(traceparent)) {
      const spanContext = sampledParent(traceparent)
      const parent = spanContext && { spanContext, messages: [] }
      known.set(traceparent, parent)
      if (parent && parents.length < maxParents) parents.push(parent)
      else if (parent) leftOut += 1
    }
    known.get(traceparent)?.messages.push(message)
  }
  return { parents, leftOut }
}

type Start<Message extends TracedMessage> = { batch: TracedBatch<Message>; startTime: number }

function childOf<Message extends TracedMessage>(
  { spanContext, messages }: Parent<Message>,
  { batch, startTime, links = [] }: Start<Message> & { links?: { context: SpanContext }[] },
): Span {
  const { name, attributes } = batch.describe(messages)
  const parent = trace.setSpanContext(ROOT_CONTEXT, spanContext)
  return batch.tracer.startSpan(name, { kind: batch.kind, attributes, startTime, links }, parent)
}

function linkedTo<Message extends TracedMessage>(
  parents: readonly Parent<Message>[],
  { batch, startTime, leftOut }: Start<Message> & { leftOut: number },
): Span {
  const { name, attributes } = batch.describe(batch.messages)
  const links = parents.map(({ spanContext }) => ({ context: spanContext }))
  if (leftOut > 0) attributes['outbox.links_left_out'] = leftOut
  return batch.tracer.startSpan(name, { kind: batch.kind, attributes, startTime, links, root: true })
}

function fail(span: Span, message: string): Span {
  return span.setStatus({ code: SpanStatusCode.ERROR, message })
}
