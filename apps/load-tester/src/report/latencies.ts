import { build } from 'hdr-histogram-js'
import { type Static, Type } from 'typebox'

/** Milliseconds. All 0 where nothing was measured. */
export const LatencySummary = Type.Object(
  {
    min: Type.Number(),
    mean: Type.Number(),
    p50: Type.Number(),
    p90: Type.Number(),
    p99: Type.Number(),
    p999: Type.Number(),
    max: Type.Number(),
  },
  { additionalProperties: false, description: 'Milliseconds. All 0 where nothing was measured.' },
)
export type LatencySummary = Static<typeof LatencySummary>

/** Its names, from the least to the greatest. */
export const latencyStatistics = Object.keys(LatencySummary.properties) as (keyof LatencySummary)[]

const unitsPerMs = 100
const longest = 3_600_000 * unitsPerMs

/** A distribution in bounded memory, exact to 1 in 1,000 and to 0.01 ms. */
export class Latencies {
  readonly #histogram = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: longest,
    numberOfSignificantValueDigits: 3,
  })
  // The histogram knows these to its own precision only: its p99 would exceed its max.
  #min = longest
  #max = 0
  #sum = 0

  /** What is below 0, since clocks differ, counts as 0; what is above an hour, as an hour. */
  add(ms: number, times = 1): void {
    const units = Math.min(Math.max(Math.round(ms * unitsPerMs), 0), longest)
    this.#histogram.recordValueWithCount(units, times)
    this.#min = Math.min(this.#min, units)
    this.#max = Math.max(this.#max, units)
    this.#sum += units * times
  }

  /** Adds all of another one. */
  merge(other: Latencies): void {
    this.#histogram.add(other.#histogram)
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
    this.#sum += other.#sum
  }

  count(): number {
    return this.#histogram.totalCount
  }

  summary(): LatencySummary {
    if (this.count() === 0) return { min: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }
    const [p50, p90, p99, p999] = [this.#at(50), this.#at(90), this.#at(99), this.#at(99.9)]
    return { min: inMs(this.#min), mean: inMs(this.#sum / this.count()), p50, p90, p99, p999, max: inMs(this.#max) }
  }

  #at(percentile: number): number {
    return inMs(Math.min(this.#histogram.getValueAtPercentile(percentile), this.#max))
  }
}

function inMs(units: number): number {
  return Math.round(units) / unitsPerMs
}
