import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareReports } from '../../src/compare/compare-reports.ts'
import type { Report } from '../../src/report/report.ts'
import { fullReport } from '../full-report.ts'
import { steadyReport } from './steady-report.ts'

const outcomes = (first: Report, second: Report) =>
  Object.fromEntries(compareReports(first, second).map(({ metric, outcome }) => [metric, outcome]))

test('a report is within noise of itself', () => {
  for (const report of [fullReport(), steadyReport({ perSecond: 2_000, seed: 1 })]) {
    const found = outcomes(report, structuredClone(report))
    expect(Object.keys(found)).toEqual([
      'throughput',
      'successRate',
      'accept.p50',
      'accept.p99',
      'publish.p50',
      'publish.p99',
      'endToEnd.p50',
      'endToEnd.p99',
      'cpuUsPerMessage',
    ])
    expect(new Set(Object.values(found))).toEqual(new Set(['within noise']))
  }
})

test('a clear shift is found, and told which way it goes', () => {
  const before = steadyReport({ perSecond: 2_000, seed: 1 })
  const after = steadyReport({ perSecond: 2_600, seed: 2, slower: 1.4, cpu: 0.8 })
  expect(outcomes(before, after)).toEqual({
    throughput: 'better',
    successRate: 'within noise',
    'accept.p50': 'worse',
    'accept.p99': 'worse',
    'publish.p50': 'worse',
    'publish.p99': 'worse',
    'endToEnd.p50': 'worse',
    'endToEnd.p99': 'worse',
    cpuUsPerMessage: 'better',
  })
})

test('of runs that are alike, no more than a few in a hundred are told apart', () => {
  const pairs = 300
  let apart = 0
  for (let pair = 0; pair < pairs; pair += 1) {
    const [first, second] = [1, 2].map((half) => steadyReport({ perSecond: 2_000, seed: 2 * pair + half, spread: 0.2 }))
    if (first === undefined || second === undefined) throw new Error('there are two')
    const found = outcomes(first, second)
    if (found.throughput !== 'within noise') apart += 1
  }
  expect(apart / pairs).toBeLessThan(0.04)
})

test('the noisier the runs, the wider the band', () => {
  const band = (spread: number) => {
    const report = steadyReport({ perSecond: 2_000, seed: 3, spread })
    return compareReports(report, report).find(({ metric }) => metric === 'throughput')?.band ?? 0
  }
  expect(band(0)).toBeCloseTo(20, 1)
  expect(band(0.4)).toBeGreaterThan(band(0.2) * 1.5)
  expect(band(0.2)).toBeGreaterThan(band(0) * 1.5)
})

test('a message that failed is no noise', () => {
  const before = fullReport()
  const after = { ...before, totals: { ...before.totals, failed: 1, successRate: 99.999 } }
  expect(outcomes(before, after).successRate).toBe('worse')
  expect(outcomes(after, before).successRate).toBe('better')
})

test('of a short run nobody knows the noise: a difference is unclear', () => {
  const before = { ...fullReport(), timeline: fullReport().timeline.slice(0, 8) }
  const after = { ...before, totals: { ...before.totals, throughputPerSecond: before.totals.throughputPerSecond * 2 } }
  expect(outcomes(before, after)).toMatchObject({ throughput: 'unclear', 'accept.p99': 'within noise' })
})

test('what one of them did not measure is not compared', () => {
  expect(outcomes(fullReport(), { ...fullReport(), resources: [] }).cpuUsPerMessage).toBe('not measured')
})

test('what was sent while the system warmed up is left out', () => {
  const calm = steadyReport({ perSecond: 2_000, seed: 5 })
  const stumbling = structuredClone(calm)
  for (const point of stumbling.timeline.slice(0, 5)) point.acceptMs = { p50: 900, p99: 2_000, max: 3_000 }
  const bands = (report: Report) => compareReports(report, report).map(({ band }) => band)
  expect(bands({ ...stumbling, load: { ...calm.load, warmUpMs: 5_000 } })).toEqual(
    bands({ ...calm, load: { ...calm.load, warmUpMs: 5_000 } }),
  )
  expect(bands({ ...stumbling, load: { ...calm.load, warmUpMs: 0 } })).not.toEqual(
    bands({ ...calm, load: { ...calm.load, warmUpMs: 0 } }),
  )
})

test('swapped reports give the opposite, whatever is in them', () => {
  const opposite = { better: 'worse', worse: 'better' } as Record<string, string>
  const anyReport = fc
    .record({
      perSecond: fc.integer({ min: 1, max: 100_000 }),
      seed: fc.integer(),
      spread: fc.double({ min: 0, max: 1, noNaN: true }),
      slower: fc.double({ min: 0.01, max: 100, noNaN: true }),
      cpu: fc.double({ min: 0.01, max: 100, noNaN: true }),
      points: fc.integer({ min: 0, max: 80 }),
    })
    .map(({ points, ...shape }) => {
      const report = steadyReport(shape)
      return { ...report, timeline: report.timeline.slice(0, points) }
    })
  fc.assert(
    fc.property(anyReport, anyReport, (first, second) => {
      const there = compareReports(first, second)
      const back = compareReports(second, first)
      expect(back).toEqual(
        there.map(({ first, second, outcome, ...rest }) => ({
          ...rest,
          first: second,
          second: first,
          outcome: opposite[outcome] ?? outcome,
        })),
      )
    }),
  )
})
