import { counted, whole } from '../../numbers.ts'
import type { Report } from '../../report.ts'
import type { Figure } from '../figure.ts'
import { groupsOf, highest, type Series } from '../series.ts'
import { overTime, seconds } from './over-time.ts'

/** What was sent and has no effect yet, by group. */
export function backlogFigure(report: Report): Figure {
  const series = groupsOf(report.timeline).map((group) => ({
    name: group,
    points: report.timeline.map(({ atMs, sent, applied }) => ({
      x: atMs,
      // An effect may be counted before the answer that tells us of its message.
      y: Math.max(sent - (applied[group] ?? 0), 0),
    })),
  }))
  return {
    ...overTime(report),
    title: 'Backlog over time',
    finding: findingOf(series),
    series,
    valueText: whole,
    y: { label: 'messages', type: 'linear', tickText: whole },
  }
}

/** A backlog is over when this little of it is left: some messages are always under way. */
const rest = 0.01

function findingOf(series: readonly Series[]): string {
  const top = highest(series)
  if (top === undefined || top.y === 0) return 'Whenever it was looked at, everything sent had taken effect.'
  const after = series.find(({ name }) => name === top.name)?.points.filter(({ x }) => x > top.x) ?? []
  const over = after.find(({ y }) => y <= top.y * rest)
  const grew = `The backlog grew to ${counted(top.y, 'message')} at ${seconds(top.x)} (${top.name})`
  if (over !== undefined && over.y === 0) return `${grew} and was gone at ${seconds(over.x)}.`
  if (over !== undefined) return `${grew} and was down to ${whole(over.y)} at ${seconds(over.x)}.`
  const last = after.at(-1)
  return last === undefined
    ? `${grew}, where the time line ends.`
    : `${grew}; ${whole(last.y)} were left at ${seconds(last.x)}, where the time line ends.`
}
