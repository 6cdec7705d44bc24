import { latency } from '../../numbers.ts'
import type { CurvePoint, Report } from '../../report.ts'
import type { Figure } from '../figure.ts'
import type { Series } from '../series.ts'

/** Where a page's axis ends: 99.99 %. */
const furthest = 10_000
/** A logarithm needs more than 0. */
const leastMs = 0.01

/** Latency by hop: each percentile ten times as rare as the one before has the same room. */
export function percentileFigure({ curves, latencyMs }: Report): Figure {
  const series = [
    line('accept', curves.accept),
    line('publish', curves.publish),
    ...Object.entries(curves.endToEnd).map(([group, points]) => line(`end to end, ${group}`, points)),
  ].filter(({ points }) => points.length > 0)
  const { p50, p99, max } = latencyMs.endToEnd
  return {
    title: 'Latency by hop',
    finding:
      max === 0
        ? 'Nothing took effect.'
        : `End to end, half of the messages took no longer than ${latency(p50)}, 99 % no longer than ${latency(p99)}, and the slowest ${latency(max)}. ` +
          `A producer answered half of them within ${latency(latencyMs.accept.p50)}, and 99 % within ${latency(latencyMs.accept.p99)}.`,
    series,
    faults: [],
    across: 'percentile',
    acrossText: (x) => `${Number((100 - 100 / x).toFixed(3))} %`,
    valueText: latency,
    x: { label: 'of the messages', type: 'log', domain: [1, furthest], ticks: [1, 2, 10, 100, 1_000, furthest] },
    y: { label: 'ms', type: 'log', tickText: (y) => y.toLocaleString('en', { maximumSignificantDigits: 3 }) },
  }
}

function line(name: string, curve: readonly CurvePoint[]): Series {
  return {
    name,
    points: curve
      .map(({ percentile, ms }) => ({ x: 100 / (100 - percentile), y: Math.max(ms, leastMs) }))
      .filter(({ x }) => x <= furthest),
  }
}
