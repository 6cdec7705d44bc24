import { systemResources } from '../report/metrics.ts'
import type { Report, TimelinePoint } from '../report/report.ts'

/** Two points of the time line that follow each other, while the run was sending and after its warm-up. */
type Interval = { from: TimelinePoint; to: TimelinePoint }

/** A metric that two runs are compared by. */
export type ComparedFigure = {
  /** As in a threshold. */
  metric: string
  better: 'more' | 'less'
  unit: string
  /**
   * What the metric, or what it follows from, was over time; undefined where it is known of each message, so that every
   * difference is one.
   */
  overTime: ((report: Report) => number[]) | undefined
}

export const comparedFigures: readonly ComparedFigure[] = [
  { metric: 'throughput', better: 'more', unit: '/s', overTime: (report) => intervalsOf(report).map(rate) },
  { metric: 'successRate', better: 'more', unit: '%', overTime: undefined },
  ...(['p50', 'p99'] as const).map(
    (statistic): ComparedFigure => ({
      metric: `accept.${statistic}`,
      better: 'less',
      unit: 'ms',
      overTime: (report) =>
        intervalsOf(report).flatMap(({ to: { acceptMs } }) => (acceptMs.max > 0 ? [acceptMs[statistic]] : [])),
    }),
  ),
  ...['publish.p50', 'publish.p99', 'endToEnd.p50', 'endToEnd.p99'].map(
    (metric): ComparedFigure => ({ metric, better: 'less', unit: 'ms', overTime: backlogs }),
  ),
  { metric: 'cpuUsPerMessage', better: 'less', unit: 'µs', overTime: cpuUsPerMessage },
]

function intervalsOf({ timeline, load, totals }: Report): Interval[] {
  return timeline.flatMap((to, index) => {
    const from = timeline[index - 1]
    const within = from !== undefined && from.atMs >= load.warmUpMs && to.atMs <= totals.durationMs
    return within && to.atMs > from.atMs ? [{ from, to }] : []
  })
}

function rate({ from, to }: Interval): number {
  return (to.sent - from.sent) / (to.atMs - from.atMs)
}

/**
 * The time line has no latency of what comes after the answer. By Little's law the time that messages are under way is
 * their number divided by the rate: so it varies as the backlog of the slowest group does.
 */
function backlogs(report: Report): number[] {
  return intervalsOf(report).map(({ to }) =>
    Math.max(...Object.values(to.applied).map((applied) => to.sent - applied), 0),
  )
}

function cpuUsPerMessage(report: Report): number[] {
  const system = systemResources(report).map(({ name }) => name)
  return intervalsOf(report).flatMap(({ from, to }) => {
    const shares = system.reduce((sum, name) => sum + (to.usage[name]?.cpuShare ?? 0), 0)
    const messages = to.sent - from.sent
    return messages > 0 ? [(shares * (to.atMs - from.atMs) * 1_000) / messages] : []
  })
}
