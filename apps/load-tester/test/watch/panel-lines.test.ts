import { expect, test } from 'vitest'
import { panelLines } from '../../src/watch/panel-lines.ts'
import type { RunSample } from '../../src/watch/run-sample.ts'
import { someSample } from './some-sample.ts'

const pace = { share: 0.62, nowPerSecond: 43_120, meanPerSecond: 50_406, leftMs: 8_812 }
const lines = (sample: RunSample, columns = 80, rows = 40) =>
  panelLines({ title: 'large 20261201-101500-x7f3', sample, pace }, { columns, rows, paint: (_, text) => text })

test('a wide terminal shows everything', () => {
  expect(lines(someSample).join('\n')).toMatchInlineSnapshot(`
    "sending, 12.3 s  large 20261201-101500-x7f3
    █████████████████████████████████████░░░░░░░░░░░░░░░░░░░░░░░ 62 %, 8.8 s left
    620,000 of 1,000,000 sent   43,120/s now   50,406/s mean   20 in flight
    0 late starts   3 sent again

    group        lag  applied
    group-a   40,000  580,000  █████████░
    group-b  310,000  310,000  █████░░░░░

    producer    circuit  errors  settled
    producer-1  closed        0  400,000
    producer-2  open      1,234  220,000

    latency now      p50       p99
    accept       5.00 ms   12.3 ms
    publish      7.00 ms   25.0 ms
    end to end   14.0 ms  1,042 ms

    cores in use
    producer 0.62   postgres 0.71   load-tester 0.20"
  `)
})

test('20 columns: what matters stands at the left, and lines are cut', () => {
  expect(lines(someSample, 20).join('\n')).toMatchInlineSnapshot(`
    "sending, 12.3 s  l…
    ████░░ 62 %, 8.8 s…
    620,000 of 1,000,0…
    43,120/s now
    50,406/s mean
    20 in flight
    0 late starts
    3 sent again

    group        lag  …
    group-a   40,000  …
    group-b  310,000  …

    producer    circui…
    producer-1  closed…
    producer-2  open  …

    latency now      p…
    accept       5.00 …
    publish      7.00 …
    end to end   14.0 …

    cores in use
    producer 0.62
    postgres 0.71
    load-tester 0.20"
  `)
})

test.each([1, 10, 20, 40, 79, 120])('no line reaches the last of %i columns', (columns) => {
  for (const line of lines(someSample, columns)) expect(line.length).toBeLessThanOrEqual(Math.max(columns - 1, 1))
})

test.each([1, 2, 6, 24])('on %i rows the panel is cut at its end, and the last row stays free', (rows) => {
  const all = lines(someSample)
  expect(lines(someSample, 80, rows)).toEqual(all.slice(0, Math.max(rows - 1, 1)))
})

test('colours end with their line, also where it is cut', () => {
  const sample = { ...someSample, failed: 12 }
  const painted = panelLines(
    { title: 'x', sample, pace },
    { columns: 9, rows: 40, paint: (format, text) => `<${format}>${text}</>` },
  )
  expect(painted[0]).toBe('<bold>sending…</>')
  expect(painted).toContain('<red>12 fail…</>')
})

test('what is waited for, and until when, is said once nothing moves', () => {
  const waiting = { stillMs: 12_400, timeoutMs: 120_000 }
  const applying = { ...someSample, phase: 'applying' as const, waiting }
  expect(lines(applying).slice(0, 3)).toEqual([
    'waiting for the effects, 12.3 s  large 20261201-101500-x7f3',
    `${'█'.repeat(37)}${'░'.repeat(23)} 62 %, 8.8 s left`,
    'nothing moved for 12 s, waiting up to 120 s',
  ])
  expect(lines({ ...applying, waiting: { ...waiting, stillMs: 900 } })[2]).toMatch(/^620,000 of 1,000,000 sent/)
})

test('a tester that is the limit says so', () => {
  const busy = { ...someSample, tester: { loopDelayMs: 1, cpuShare: 0.97 } }
  expect(lines(busy, 200)).toContain(
    'the tester is the limit: it takes 0.97 of the one core that it can use: send larger batches, or run a second one elsewhere',
  )
})

test('without groups, hops and usage their parts are left out', () => {
  const { accept } = someSample.latencyMs
  const bare: RunSample = { ...someSample, applied: {}, usage: [], latencyMs: { accept } }
  expect(lines(bare).join('\n')).not.toMatch(/group|publish|cores/)
})
