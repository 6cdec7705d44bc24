import { type Span, type Tracer, type TracerProvider, trace } from '@opentelemetry/api'

/**
 * The tracers for libraries. They put an error's words into a span's status, and these may quote what stands in a message or in a
 * row: their spans say that they failed, and the log of the same trace says with what.
 */
export function wordlessTracers(): TracerProvider {
  return {
    getTracer(name, version) {
      const tracer = trace.getTracer(name, version)
      const startSpan: Tracer['startSpan'] = (...given) => withoutWords(tracer.startSpan(...given))
      return { startSpan, startActiveSpan: tracer.startActiveSpan.bind(tracer) }
    },
  }
}

function withoutWords(span: Span): Span {
  const setStatus = span.setStatus.bind(span)
  span.setStatus = ({ code }) => setStatus({ code })
  return span
}
