import { expect, test } from 'vitest'
import { UsageError } from '../src/command-line/usage-error.ts'
import { exitCodeOf } from '../src/exit-codes.ts'
import { metrics } from '../src/report/metrics.ts'
import type { Report } from '../src/report/report.ts'
import { judge, knownMetrics, readThreshold } from '../src/report/thresholds.ts'
import { fullReport } from './full-report.ts'

const passing: Report = { ...fullReport(), thresholds: [], verdict: 'passed', reasons: [] }
const judged = (expression: string, report = passing) => judge(report, [readThreshold(expression)])

test.each([
  ['throughput<2390', 'throughput<2391', 2_390],
  ['throughput<=2389', 'throughput<=2390', 2_390],
  ['throughput>2390', 'throughput>2389', 2_390],
  ['throughput>=2391', 'throughput>=2390', 2_390],
  ['throughput==2391', ' throughput == 2390.0 ', 2_390],
  ['throughput!=2390', 'throughput!=-2390', 2_390],
])('%s is missed, %s is kept', (missed, kept, throughputPerSecond) => {
  const report = { ...passing, totals: { ...passing.totals, throughputPerSecond } }
  expect(judged(kept, report)).toMatchObject({
    thresholds: [{ expression: kept, value: throughputPerSecond, passed: true }],
    verdict: 'passed',
    reasons: [],
  })
  expect(judged(missed, report)).toMatchObject({
    thresholds: [{ expression: missed, value: throughputPerSecond, passed: false }],
    verdict: 'threshold-missed',
    reasons: [`${missed} is missed: it is ${throughputPerSecond}`],
  })
})

test('every metric that is told is read from the place in the report that it is called after', () => {
  const report = fullReport()
  const { accept, publish, endToEnd } = report.latencyMs
  const [first, second, third] = report.groups.map((group, index) => ({ ...group, lost: 10 ** index, corrupt: index }))
  if (first === undefined || second === undefined || third === undefined) throw new Error('there are three groups')
  report.groups = [first, second, third]
  const value = (metric: string) => judged(`${metric}==0`, report).thresholds[0]?.value
  expect(value('lost')).toBe(111)
  expect(value('group-b.lost')).toBe(10)
  expect(value('corrupt')).toBe(3)
  for (const [hop, summary] of Object.entries({ accept, publish, endToEnd, batch: report.batches.latencyMs }))
    for (const [statistic, ms] of Object.entries(summary)) expect(value(`${hop}.${statistic}`)).toBe(ms)
  expect(value('missedStarts')).toBe(17)
  expect(value('drainMs')).toBe(81)
  const [system, tester] = [report.resources.slice(0, -1), report.resources.at(-1)]
  expect(tester?.part).toBe('load-tester')
  expect(value('cpuUsPerMessage')).toBeCloseTo(
    system.reduce((sum, { cpuUsPerMessage }) => sum + cpuUsPerMessage, 0),
    2,
  )
  for (const name of metrics.keys()) {
    expect(value(name), name).toEqual(expect.any(Number))
    expect(knownMetrics()).toContain(name.replace(/^.*\./, '.').replace(/^\.(?=.*\.)/, ''))
  }
})

test.each(['publish.p99<250', 'cpuUsPerMessage<100', 'nobody.lost==0'])(
  '%s is missed where it was not measured',
  (expression) => {
    const nothing = { min: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, p9999: 0, max: 0, negative: 0 }
    const report = { ...passing, resources: [], latencyMs: { ...passing.latencyMs, publish: nothing } }
    expect(judged(expression, report)).toMatchObject({
      thresholds: [{ expression, value: null, passed: false }],
      verdict: 'threshold-missed',
      reasons: [`${expression} is missed: it was not measured`],
    })
  },
)

test.each(['failed', 'interrupted'] as const)('%s stays so, whatever the thresholds say', (verdict) => {
  const report = { ...passing, verdict, reasons: ['why'] }
  expect(judged('throughput<1', report)).toMatchObject({ verdict, reasons: ['why', expect.stringContaining('missed')] })
  expect(judged('throughput>1', report)).toMatchObject({ verdict, reasons: ['why'] })
})

test('of two runs the worse one makes the exit code', () => {
  const code = (...verdicts: Parameters<typeof exitCodeOf>[0][number]['verdict'][]) =>
    exitCodeOf(verdicts.map((verdict) => ({ verdict })))
  expect(code()).toBe(0)
  expect(code('passed', 'threshold-missed')).toBe(3)
  expect(code('failed', 'threshold-missed')).toBe(1)
  expect(code('interrupted', 'failed')).toBe(130)
})

test.each([
  ['', 'write a metric, an operator and a number, such as lost==0'],
  ['lost', 'write a metric, an operator and a number'],
  ['==0', 'write a metric, an operator and a number'],
  ['speed>5', 'speed is no metric. Known: lost, duplicated, outOfOrder, corrupt, foreign (of all groups, or of one'],
  ['endToEnd.p98<5', 'endToEnd.p98 is no metric. Known:'],
  ['group-a.latency<5', 'group-a.latency is no metric'],
  ['constructor<5', 'constructor is no metric'],
  ['lost=0', '= is no operator. Known: < <= > >= == !=.'],
  ['lost<>0', '<> is no operator'],
  ['lost===0', '=== is no operator'],
  ['lost==', 'the number is missing: give digits alone'],
  ['lost==none', 'none is no number'],
  ['lost==1e3', '1e3 is no number'],
  ['accept.p99<250ms', '250ms is no number'],
  ['successRate>=99,9', '99,9 is no number'],
  ['lost==NaN', 'NaN is no number'],
])('--threshold %s is refused by one clear message', (expression, message) => {
  expect(() => readThreshold(expression)).toThrow(UsageError)
  expect(() => readThreshold(expression)).toThrow(`--threshold ${expression}: ${message}`)
})
