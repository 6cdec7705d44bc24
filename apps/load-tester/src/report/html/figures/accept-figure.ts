import { latency } from '../../numbers.ts'
import type { Report, TimelinePoint } from '../../report.ts'
import type { Figure } from '../figure.ts'
import { highest, type Series } from '../series.ts'
import { overTime, seconds } from './over-time.ts'

/** How long producers took to answer, over time; nothing where nothing was answered. */
export function acceptFigure(report: Report): Figure {
  const answered = report.timeline.filter(({ acceptMs }) => acceptMs.max > 0)
  const line = (name: string, of: (acceptMs: TimelinePoint['acceptMs']) => number): Series => ({
    name,
    points: answered.map(({ atMs, acceptMs }) => ({ x: atMs, y: of(acceptMs) })),
  })
  const p99 = line('p99', ({ p99 }) => p99)
  const top = highest([p99])
  const usual = middle(p99.points.map(({ y }) => y))
  return {
    ...overTime(report),
    title: 'Accept latency over time',
    finding:
      top === undefined
        ? 'Nothing was answered.'
        : `Of half of the moments the p99 was below ${latency(usual)}; it was at its worst, ${latency(top.y)}, at ${seconds(top.x)}.`,
    series: [line('p50', ({ p50 }) => p50), p99],
    valueText: latency,
    y: { label: 'ms', type: 'linear', tickText: (y) => y.toLocaleString('en') },
  }
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
