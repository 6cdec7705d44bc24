import { expect, test } from 'vitest'
import { backlogFigure } from '../src/report/html/figures/backlog-figure.ts'
import type { Report, TimelinePoint } from '../src/report/report.ts'
import { fullReport } from './full-report.ts'

test.each([
  ['0', 'Whenever it was looked at, everything sent had taken effect.'],
  ['5 900 300 0 0', 'The backlog grew to 900 messages at 2 s (group-a) and was gone at 4 s.'],
  ['5 900 300 9 4', 'The backlog grew to 900 messages at 2 s (group-a) and was down to 9 at 4 s.'],
  ['5 900 300 10', 'The backlog grew to 900 messages at 2 s (group-a); 10 were left at 4 s, where the time line ends.'],
  ['5 300 900', 'The backlog grew to 900 messages at 3 s (group-a), where the time line ends.'],
  ['0 1 0', 'The backlog grew to 1 message at 2 s (group-a) and was gone at 3 s.'],
])('a backlog of %s: %s', (backlog, finding) => {
  const [first] = fullReport().timeline
  if (first === undefined) throw new Error('the report has a time line')
  const timeline = backlog.split(' ').map((messages, index): TimelinePoint => {
    const sent = 1_000 * (index + 1)
    return {
      ...first,
      atMs: 1_000 * (index + 1),
      sent,
      applied: { 'group-a': sent - Number(messages), 'group-b': sent },
    }
  })
  const report: Report = { ...fullReport(), timeline }
  expect(backlogFigure(report).finding).toBe(finding)
})
