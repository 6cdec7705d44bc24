import { type SpanContext, TraceFlags } from '@opentelemetry/api'

const known = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?=$|-)/

/**
 * The span that a `traceparent` names, if its trace is sampled: nobody looks for the others.
 * @see W3C Trace Context, 3.2
 */
export function sampledParent(traceparent: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = known.exec(traceparent) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  const traceFlags = Number.parseInt(flags, 16)
  return traceFlags & TraceFlags.SAMPLED ? { traceId, spanId, traceFlags, isRemote: true } : undefined
}

/** The `traceparent` of whatever comes of a span. */
export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}
