import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { SaturationReport } from '../src/saturation/saturation-report.ts'
import { saturationText } from '../src/saturation/saturation-text.ts'
import { saturationStep } from './saturation-step.ts'

const plain = { width: 80, paint: (_: string, text: string) => text }
const report: SaturationReport = {
  kind: 'saturation',
  startedAt: '2026-12-01T10:15:00.000Z',
  finishedAt: '2026-12-01T10:16:40.000Z',
  probe: { runId: '20261201-101500-x7f3', sentPerSecond: 31_000, appliedPerSecond: 9_600 },
  steps: [
    saturationStep(9_600, { p99: 61.2 }),
    saturationStep(14_400, { p99: 2_410, reason: 'the backlog grows by 900/s' }),
    saturationStep(11_800, { p99: 204 }),
  ],
  highestRate: 11_800,
  trials: [saturationStep(10_620, { batchSize: 10, p99: 180 }), saturationStep(10_620, { batchSize: 100, p99: 91 })],
  suggestion: { rate: 10_620, batchSize: 100, concurrency: 4, why: 'it was measured' },
  verdict: 'passed',
  reasons: [],
}

test('the curve as a table and as a plot, by rate, and what follows from it', () => {
  expect(saturationText(report, plain)).toMatchInlineSnapshot(`
    "Rates
      messages/s  batch  accept p99  end to end p50       p99  backlog
      9,600         100     8.00 ms         30.6 ms   61.2 ms     +3/s     holds
      11,800        100     8.00 ms          102 ms    204 ms     +3/s     holds
      14,400        100     8.00 ms        1,205 ms  2,410 ms   +900/s  too much
      14,400/s: the backlog grows by 900/s.

    End to end p99 by rate
       9,600/s  █  61.2 ms
      11,800/s  ███  204 ms
      14,400/s  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  2,410 ms

    Batch sizes
      messages/s  batch  accept p99  end to end p50      p99  backlog
      10,620         10     8.00 ms         90.0 ms   180 ms     +3/s  holds
      10,620        100     8.00 ms         45.5 ms  91.0 ms     +3/s  holds

    What this system bears
      Highest Rate           11,800 messages/s
      Suggested Rate         10,620 messages/s
      Suggested Batch Size   100
      Suggested Concurrency  4
      Why: it was measured.

    PASSED
    "
  `)
})

test.each([20, 40, 80, 120])('no line is longer than a terminal of %i columns', (width) => {
  for (const line of saturationText(report, { ...plain, width }).split('\n'))
    expect(line.length).toBeLessThanOrEqual(width)
})

test('where none held, and where a run failed, that is the verdict', () => {
  const steps = report.steps.map((step) => ({ ...step, holds: false }))
  const none = { ...report, steps, highestRate: 0, suggestion: null, trials: [], reasons: ['no rate held'] }
  expect(saturationText({ ...none, verdict: 'threshold-missed' }, plain)).toMatch(
    /THRESHOLD MISSED\n {2}no rate held\n$/,
  )
  const lost = ['run x: group-a: 1 message lost (sequence 3)']
  expect(saturationText({ ...report, verdict: 'failed', reasons: lost }, plain)).toMatch(
    /FAILED\n {2}run x: group-a: 1/,
  )
})

test('saturation.schema.json is made from the schema in the code (vitest -u makes it anew), and this report is as it says', async () => {
  const file = `${import.meta.dirname}/../saturation.schema.json`
  await expect(`${JSON.stringify(SaturationReport, undefined, 2)}\n`).toMatchFileSnapshot(file)
  const validate = new Ajv2020({ allErrors: true }).compile(JSON.parse(readFileSync(file, 'utf8')))
  expect(validate(report), JSON.stringify(validate.errors)).toBe(true)
  expect(validate({ ...report, colour: 'red' })).toBe(false)
})
