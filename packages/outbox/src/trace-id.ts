/**
 * The trace that a message belongs to, for a log: the second part of its header `traceparent`, which a foreign producer may have
 * written as it likes.
 * @see W3C Trace Context, 3.2
 */
export function traceIdOf(headers: Readonly<Record<string, string>> | null | undefined): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(headers?.traceparent ?? '')?.[1]
}
