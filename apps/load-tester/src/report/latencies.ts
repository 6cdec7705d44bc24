import { build } from 'hdr-histogram-js'
import { type Static, Type } from 'typebox'

/** Milliseconds, but `negative`. All 0 where nothing was measured. */
export const LatencySummary = Type.Object(
  {
    min: Type.Number(),
    mean: Type.Number(),
    p50: Type.Number(),
    p90: Type.Number(),
    p99: Type.Number(),
    p999: Type.Number(),
    p9999: Type.Number(),
    max: Type.Number(),
    negative: Type.Integer({
      minimum: 0,
      description: 'how many are below 0, which only clocks that differ can make: the percentiles take them for 0',
    }),
  },
  { additionalProperties: false, description: 'Milliseconds, but negative. All 0 where nothing was measured.' },
)
export type LatencySummary = Static<typeof LatencySummary>

/** Every figure of a distribution. */
export const latencyFigures = Object.keys(LatencySummary.properties) as (keyof LatencySummary)[]

/** Of what is in milliseconds the names, from the least to the greatest. */
export const latencyStatistics = ['min', 'mean', 'p50', 'p90', 'p99', 'p999', 'p9999', 'max'] as const

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
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #sum = 0
  #negative = 0

  /** What is above an hour counts as an hour. */
  add(ms: number, times = 1): void {
    const units = Math.min(Math.round(ms * unitsPerMs), longest)
    this.#histogram.recordValueWithCount(Math.max(units, 0), times)
    this.#min = Math.min(this.#min, units)
    this.#max = Math.max(this.#max, units)
    this.#sum += units * times
    if (units < 0) this.#negative += times
  }

  /** Adds all of another one. */
  merge(other: Latencies): void {
    this.#histogram.add(other.#histogram)
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
    this.#sum += other.#sum
    this.#negative += other.#negative
  }

  count(): number {
    return this.#histogram.totalCount
  }

  summary(): LatencySummary {
    const count = this.count()
    return {
      min: count === 0 ? 0 : inMs(this.#min),
      mean: count === 0 ? 0 : inMs(this.#sum / count),
      p50: this.at(50),
      p90: this.at(90),
      p99: this.at(99),
      p999: this.at(99.9),
      p9999: this.at(99.99),
      max: count === 0 ? 0 : inMs(this.#max),
      negative: this.#negative,
    }
  }

  /** @returns milliseconds that `percentile` % of the values don't exceed; 0 where nothing was measured */
  at(percentile: number): number {
    if (this.count() === 0) return 0
    return inMs(Math.min(this.#histogram.getValueAtPercentile(percentile), Math.max(this.#max, 0)))
  }
}

function inMs(units: number): number {
  return Math.round(units) / unitsPerMs
}
