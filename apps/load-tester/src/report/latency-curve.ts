import type { Latencies } from './latencies.ts'
import type { CurvePoint } from './report.ts'

/** Each halves what is left up to 100 % in four steps: as much of the curve is spent on the slowest hundredth as on the fastest half. */
const stepsPerHalving = 4
const halvings = 22
const named = [90, 99, 99.9, 99.99]

/**
 * A distribution as a curve, for an axis on which each further nine is as wide as the one before.
 * @returns at most 100 points, no more than there are values to tell apart; the last one is the slowest value
 */
export function latencyCurve(latencies: Latencies): CurvePoint[] {
  const count = latencies.count()
  if (count === 0) return []
  const steps = Array.from(
    { length: stepsPerHalving * halvings },
    (_, step) => 100 * (1 - 2 ** (-step / stepsPerHalving)),
  )
  const percentiles = [...steps, ...named].filter((percentile) => count * (1 - percentile / 100) >= 1)
  return [...percentiles.sort((one, other) => one - other), 100].map((percentile) => ({
    percentile: Math.round(percentile * 1e6) / 1e6,
    ms: latencies.at(percentile),
  }))
}
