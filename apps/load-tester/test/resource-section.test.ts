import { createLayout } from '@outbox/service/text-layout'
import { expect, test } from 'vitest'
import type { Report } from '../src/report/report.ts'
import { sectionLines } from '../src/report/section-lines.ts'
import { resourceSection } from '../src/report/sections/resource-section.ts'

const accept = { min: 1, mean: 2, p50: 2, p90: 3, p99: 40, p999: 50, max: 60 }
const used = { cpuMs: 4_000, cpuUsPerMessage: 40, peakMemoryBytes: 2e8 }
const report = {
  totals: { durationMs: 10_000 },
  latencyMs: { accept },
  tester: { isTheLimit: false, loopDelayP99Ms: 2, cpuShare: 0.2 },
  resources: [
    { name: 'producer-1', part: 'producer', ...used },
    { name: 'producer-2', part: 'producer', ...used, peakMemoryBytes: 2.5e8 },
    { name: 'postgres', part: 'postgres', ...used, cpuMs: 12_340, cpuUsPerMessage: 123.4 },
  ],
} as Report
const linesOf = (report: Report) =>
  sectionLines(resourceSection(report) ?? { title: '', notes: ['nothing'] }, createLayout(100))

test('what a part used is that of all its processes; its memory is that of the largest', () => {
  expect(linesOf(report).join('\n')).toMatchInlineSnapshot(`
    "            processes     CPU  µs a message  memory
      producer          2   8.0 s          80.0  250 MB
      postgres          1  12.3 s         123.4  200 MB
      Memory: the most that one of them had."
  `)
})

test('what is missing is said, and that the tester is the limit', () => {
  const tester = { isTheLimit: true, loopDelayP99Ms: 2, cpuShare: 0.97 }
  const resourcesMissing = 'What the system used is not known.'
  expect(linesOf({ ...report, resources: [], resourcesMissing, tester }).join('\n')).toBe(
    '  What the system used is not known.\n  The tester is the limit: it takes 0.97 of the one core that it can use: send larger batches, or\n  run a second one elsewhere.',
  )
})

test('of a run that nobody watched nothing is said', () => {
  expect(resourceSection({ ...report, resources: [] })).toBeUndefined()
})
