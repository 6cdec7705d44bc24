import { build } from 'hdr-histogram-js'

/** Milliseconds. All 0 where nothing was measured. */
export type LatencySummary = {
  min: number
  mean: number
  p50: number
  p90: number
  p99: number
  p999: number
  max: number
}

/** A distribution in bounded memory, exact to 1 in 1,000 and to 0.01 ms. */
export type Latencies = {
  /** What is below 0, since clocks differ, counts as 0; what is above an hour, as an hour. */
  add(ms: number, times?: number): void
  /** Adds all of another one. */
  merge(other: Latencies): void
  count(): number
  summary(): LatencySummary
  /** @internal for `merge` */
  histogram: ReturnType<typeof build>
}

const unitsPerMs = 100
const longest = 3_600_000 * unitsPerMs

/** An empty distribution. */
export function createLatencies(): Latencies {
  const histogram = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: longest,
    numberOfSignificantValueDigits: 3,
  })
  let least = longest
  let most = 0
  /** The bucket's upper end, which may lie above what was measured. */
  const at = (percentile: number) => inMs(Math.min(histogram.getValueAtPercentile(percentile), most))
  return {
    histogram,
    add(ms, times = 1) {
      const units = Math.min(Math.max(Math.round(ms * unitsPerMs), 0), longest)
      least = Math.min(least, units)
      most = Math.max(most, units)
      histogram.recordValueWithCount(units, times)
    },
    merge(other) {
      if (other.count() === 0) return
      const { min, max } = other.summary()
      least = Math.min(least, Math.round(min * unitsPerMs))
      most = Math.max(most, Math.round(max * unitsPerMs))
      histogram.add(other.histogram)
    },
    count: () => histogram.totalCount,
    summary() {
      if (histogram.totalCount === 0) return { min: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }
      return {
        min: inMs(least),
        mean: inMs(histogram.mean),
        p50: at(50),
        p90: at(90),
        p99: at(99),
        p999: at(99.9),
        max: inMs(most),
      }
    },
  }
}

function inMs(units: number): number {
  return Math.round(units) / unitsPerMs
}
