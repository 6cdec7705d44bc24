import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Latencies } from '../src/report/latencies.ts'
import { latencyCurve } from '../src/report/latency-curve.ts'

function latenciesOf(values: readonly number[]): Latencies {
  const latencies = new Latencies()
  for (const value of values) latencies.add(value)
  return latencies
}

const nothing = { min: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, p9999: 0, max: 0, negative: 0 }

test('each nine has its percentile', () => {
  const summary = latenciesOf(Array.from({ length: 10_000 }, (_, index) => index + 1)).summary()
  const expected = { min: 1, p50: 5_000, p90: 9_000, p99: 9_900, p999: 9_990, p9999: 9_999, max: 10_000, negative: 0 }
  for (const [name, value] of Object.entries(expected))
    expect(Math.abs((summary[name as keyof typeof expected] ?? 0) - value), name).toBeLessThanOrEqual(value / 1_000)
})

test('what is below 0 is counted, and stays in min, mean and all the counts', () => {
  const latencies = latenciesOf([-20, -10, 5, 9])
  latencies.add(-4, 3)
  expect(latencies.summary()).toMatchObject({ min: -20, mean: -4, p50: 0, p99: 9, max: 9, negative: 5 })
  const other = latenciesOf([-30])
  other.merge(latencies)
  expect(other.summary()).toMatchObject({ min: -30, max: 9, negative: 6 })
  expect(other.count()).toBe(8)
  expect(latenciesOf([-7]).summary()).toEqual({ ...nothing, min: -7, mean: -7, max: -7, negative: 1 })
})

test('nothing is all zeros, and no curve', () => {
  expect(new Latencies().summary()).toEqual(nothing)
  expect(latencyCurve(new Latencies())).toEqual([])
})

test('a curve rises to the slowest value, in at most 100 points', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 3_000 }),
      (values) => {
        const latencies = latenciesOf(values)
        const curve = latencyCurve(latencies)
        expect(curve.length).toBeLessThanOrEqual(100)
        expect(curve.at(-1)).toEqual({ percentile: 100, ms: latencies.summary().max })
        for (const [index, point] of curve.slice(1).entries()) {
          expect(point.percentile).toBeGreaterThan(curve[index]?.percentile ?? 0)
          expect(point.ms).toBeGreaterThanOrEqual(curve[index]?.ms ?? 0)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('a curve of many values has the percentiles that a report names', () => {
  const curve = latencyCurve(latenciesOf(Array.from({ length: 200_000 }, (_, index) => index / 100)))
  const percentiles = curve.map(({ percentile }) => percentile)
  expect(percentiles).toEqual(expect.arrayContaining([0, 50, 75, 90, 99, 99.9, 99.99, 100]))
})
