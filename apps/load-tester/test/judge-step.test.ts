import { expect, test } from 'vitest'
import type { Report } from '../src/report/report.ts'
import { judgeStep } from '../src/saturation/judge-step.ts'
import { fullReport } from './full-report.ts'

const load = { rate: 1_000, durationMs: 10_000 }
const [point] = fullReport().timeline

/** A step of ten seconds; the slowest of two groups is so far behind at each second. */
function report(backlogs: readonly number[], change: Partial<Report> = {}): Report {
  if (point === undefined) throw new Error('the full report has a time line')
  const timeline = backlogs.map((backlog, index) => {
    const sent = (index + 1) * load.rate
    return { ...point, atMs: (index + 1) * 1_000, sent, applied: { fast: sent, slow: sent - backlog } }
  })
  const whole = fullReport()
  const endToEnd = { ...whole.latencyMs.endToEnd, p99: 80 }
  return {
    ...whole,
    timeline,
    thresholds: [],
    load: { ...whole.load, missedStarts: 0 },
    batches: { ...whole.batches, count: 200 },
    latencyMs: { ...whole.latencyMs, endToEnd },
    ...change,
  }
}

const steady = [60, 50, 70, 55, 60, 65, 50, 60, 70, 55]

test('a backlog that stays as it is holds, however it trembles', () => {
  expect(judgeStep(report(steady), load)).toMatchObject({ rate: 1_000, batchSize: 100, holds: true, reasons: [] })
})

test('a backlog that is larger at the end than in the middle is too much, and by how much is said', () => {
  const growing = [0, 0, 0, 0, 100, 200, 300, 400, 500, 600]
  expect(judgeStep(report(growing), load)).toMatchObject({
    backlogPerSecond: 100,
    holds: false,
    reasons: ['the backlog grows by 100/s'],
  })
})

test('one that grew at the start and was worked off is no growth', () => {
  const settled = [900, 800, 700, 600, 500, 400, 300, 200, 100, 50]
  expect(judgeStep(report(settled), load)).toMatchObject({ holds: true, backlogPerSecond: -90 })
})

test('what took effect after the step was sent says nothing about it', () => {
  expect(judgeStep(report([...steady, 5_000, 9_000]), load).holds).toBe(true)
})

test('one batch in a hundred may start late, more may not', () => {
  const late = (missedStarts: number) =>
    judgeStep(report(steady, { load: { ...fullReport().load, missedStarts } }), load)
  expect(late(2).holds).toBe(true)
  expect(late(3)).toMatchObject({ missedStarts: 3, holds: false, reasons: ['3 of 200 requests started late'] })
})

test('without a threshold end to end p99 is to be within a second; one that is given decides instead', () => {
  const { latencyMs } = report(steady)
  const slow = { latencyMs: { ...latencyMs, endToEnd: { ...latencyMs.endToEnd, p99: 1_200 } } }
  expect(judgeStep(report(steady, slow), load).reasons).toEqual(['end to end p99 is above 1,000 ms'])
  const threshold = (passed: boolean) => ({ thresholds: [{ expression: 'endToEnd.p99<2000', value: 1_200, passed }] })
  expect(judgeStep(report(steady, { ...slow, ...threshold(true) }), load).holds).toBe(true)
  expect(judgeStep(report(steady, { ...slow, ...threshold(false) }), load).reasons).toEqual([
    'endToEnd.p99<2000 is missed',
  ])
})
