import { expect, test } from 'vitest'
import { countedBetween, percentileOf, readHistogram } from '../../src/watch/hops/histogram-difference.ts'

const text = `# HELP lag_seconds From here to there.
# TYPE lag_seconds histogram
lag_seconds_bucket{le="0.01",group="a"} 10
lag_seconds_bucket{le="0.1",group="a"} 90
lag_seconds_bucket{le="+Inf",group="a"} 100
lag_seconds_sum{group="a"} 4.2
lag_seconds_count{group="a"} 100
lag_seconds_bucket{group="b",le="0.01"} 1
lag_seconds_bucket{group="b",le="0.1"} 1
lag_seconds_bucket{group="b",le="+Inf"} 1
other_lag_seconds_bucket{le="0.01"} 1000
`
const counts = (...pairs: [number, number][]) => new Map(pairs)
const inf = Number.POSITIVE_INFINITY

test('a histogram is read by its name, over all of its labels', () => {
  expect(readHistogram(text, 'lag_seconds')).toEqual(counts([0.01, 11], [0.1, 91], [inf, 101]))
  expect(readHistogram(text, 'missing')).toEqual(new Map())
})

test('what came between two looks is summed over apps; one that was started again counts from 0', () => {
  const steady = [counts([1, 5], [inf, 10]), counts([1, 7], [inf, 13])] as const
  const restarted = [counts([1, 50], [inf, 60]), counts([1, 2], [inf, 2])] as const
  expect(countedBetween([steady, restarted])).toEqual(counts([1, 4], [inf, 5]))
})

test('a percentile lies within its bucket; beyond the last bound it is that bound', () => {
  const some = counts([1, 50], [2, 90], [inf, 100])
  expect(percentileOf(some, 25)).toBe(0.5)
  expect(percentileOf(some, 70)).toBe(1.5)
  expect(percentileOf(some, 99)).toBe(2)
  expect(percentileOf(counts([1, 0], [inf, 0]), 50)).toBeUndefined()
})
