import { whole } from '../../numbers.ts'
import type { Report } from '../../report.ts'
import type { Figure } from '../figure.ts'
import { groupsOf, highest, rateOf } from '../series.ts'
import { overTime, seconds } from './over-time.ts'

/** How fast messages were answered 202, and how fast they took effect in each group. */
export function rateFigure(report: Report): Figure {
  const { timeline, totals } = report
  const sent = { name: 'sent', points: rateOf(timeline, ({ sent }) => sent) }
  const applied = groupsOf(timeline).map((group) => ({
    name: `applied by ${group}`,
    points: rateOf(timeline, ({ applied }) => applied[group] ?? 0),
  }))
  const top = highest([sent])
  const fastest = highest(applied)
  return {
    ...overTime(report),
    title: 'Rate over time',
    finding: [
      `${whole(totals.throughputPerSecond)} messages/s were sent on average`,
      ...(top === undefined ? [] : [`, ${whole(top.y)} at most (at ${seconds(top.x)})`]),
      '.',
      ...(fastest === undefined
        ? []
        : [
            ` A group applied ${whole(fastest.y)} messages/s at most (${fastest.name.slice('applied by '.length)}, at ${seconds(fastest.x)}).`,
          ]),
    ].join(''),
    series: [sent, ...applied],
    valueText: whole,
    y: { label: 'messages/s', type: 'linear', tickText: whole },
  }
}
