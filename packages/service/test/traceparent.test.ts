import { expect, test } from 'vitest'
import { formatTraceparent, sampledParent } from '../src/traceparent.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

test.each([
  ['00', '01', 1],
  ['00', '03', 3],
  ['cc', '01', 1],
])('a sampled parent of version %s with flags %s', (version, flags, traceFlags) => {
  const parent = { traceId, spanId, traceFlags, isRemote: true }
  expect(sampledParent(`${version}-${traceId}-${spanId}-${flags}`)).toEqual(parent)
})

test.each([
  `00-${traceId}-${spanId}-00`,
  `ff-${traceId}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}-011`,
  '',
])('"%s" names no sampled parent', (traceparent) => {
  expect(sampledParent(traceparent)).toBeUndefined()
})

test('what is written is read', () => {
  const traceparent = formatTraceparent({ traceId, spanId, traceFlags: 1 })
  expect(traceparent).toBe(`00-${traceId}-${spanId}-01`)
  expect(sampledParent(traceparent)).toMatchObject({ traceId, spanId, traceFlags: 1 })
})
