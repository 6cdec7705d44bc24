import { expect, test } from 'vitest'
import { wantsTraces } from '../src/start-tracing.ts'

const endpoint = 'http://127.0.0.1:4318'

test.each<[boolean, Record<string, string>]>([
  [false, {}],
  [false, { OTEL_SERVICE_NAME: 'a', OTEL_TRACES_SAMPLER: 'always_on' }],
  [true, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }],
  [true, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint }],
  [true, { OTEL_TRACES_EXPORTER: 'otlp' }],
  [true, { OTEL_TRACES_EXPORTER: 'console' }],
  [false, { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }],
  [true, { OTEL_TRACES_EXPORTER: '', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }],
  [false, { OTEL_TRACES_EXPORTER: ' ', OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
  [false, { OTEL_SDK_DISABLED: 'True', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }],
  [true, { OTEL_SDK_DISABLED: 'false', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }],
])('traces are on: %s with %o', (on, env) => {
  expect(wantsTraces(env)).toBe(on)
})
