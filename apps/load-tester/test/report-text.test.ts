import { expect, test } from 'vitest'
import type { RunHead } from '../src/record/run-record.ts'
import type { Report } from '../src/report/report.ts'
import { endText, startText } from '../src/report/report-text.ts'
import { fullReport } from './full-report.ts'

const options = { messages: 1_000, batchSize: 10, concurrency: 5, keys: 100, topic: 'shared-events', payloadBytes: 256 }
const latencyMs = {
  min: 0.51,
  mean: 4.2,
  p50: 3.99,
  p90: 9.87,
  p99: 42.13,
  p999: 421.4,
  p9999: 980.2,
  max: 1_789.3,
  negative: 0,
}

const head: RunHead = {
  runId: '20261201-101500-x7f3',
  scenario: 'quick',
  startedAtMs: 1_795_000_000_000,
  options,
  producers: [
    { name: 'producer-1', url: 'http://127.0.0.1:5301', healthy: true },
    { name: '127.0.0.1:5302', url: 'http://127.0.0.1:5302', healthy: false, reason: 'nobody listens there' },
  ],
}

const report: Report = {
  runId: head.runId,
  scenario: 'quick',
  startedAt: '2026-12-01T10:15:00.000Z',
  finishedAt: '2026-12-01T10:15:02.000Z',
  options,
  totals: {
    messages: 1_000,
    sent: 990,
    failed: 0,
    unknown: 10,
    successRate: 99,
    durationMs: 1_234,
    throughputPerSecond: 802,
  },
  batches: { count: 99, latencyMs },
  producers: [
    {
      name: 'producer-1',
      url: 'http://127.0.0.1:5301',
      healthy: true,
      sent: 990,
      failed: 0,
      unknown: 10,
      successRate: 99,
      throughputPerSecond: 802,
      latencyMs,
      errors: { '503': 3, ECONNREFUSED: 1_200 },
    },
  ],
  latencyMs: { accept: latencyMs, publish: latencyMs, endToEnd: latencyMs },
  groups: [
    {
      name: 'group-a',
      received: 989,
      lost: 1,
      duplicated: 0,
      outOfOrder: 2,
      corrupt: 0,
      foreign: 0,
      replayed: 0,
      findings: [],
      latencyMs,
    },
  ],
  drain: { durationMs: 81 },
  load: { model: 'closed', warmUpMs: 0, missedStarts: 0, latestStartMs: 0 },
  curves: { accept: [], publish: [], endToEnd: {} },
  clocks: [],
  timeline: [],
  resources: [],
  tester: { isTheLimit: false, loopDelayP99Ms: 0, cpuShare: 0 },
  faults: [],
  thresholds: [],
  verdict: 'failed',
  reasons: ['10 messages never settled: took effect once or never', 'group-a: 1 message lost (sequence 17)'],
}

const plain = { width: 100, paint: (_: string, text: string) => text }

test('before the first message: configuration and health', () => {
  expect(startText(head, ['2 requests at once instead of 5: there are 2 keys.'], plain)).toMatchInlineSnapshot(`
    "Load test quick, run 20261201-101500-x7f3

    Configuration
      Total Messages   1,000
      Batch Size       10
      Max Concurrency  5
      Target Topic     shared-events
      Keys             100
      Payload          256 bytes
      Producers        1 of 2
      2 requests at once instead of 5: there are 2 keys.

    Producer health
      ✔ producer-1      http://127.0.0.1:5301
      ✘ 127.0.0.1:5302  http://127.0.0.1:5302  nobody listens there
    "
  `)
})

test('at the end: totals, producers, latencies, the audit, and why it failed', () => {
  expect(endText(report, plain)).toMatchInlineSnapshot(`
    "Final statistics
      Total Messages      1,000
      Messages Sent       990
      Messages Failed     0
      Messages Unknown    10
      Success Rate        99.00 %
      Total Duration      1.2 s
      Average Throughput  802 messages/s
      Load Model          closed: as fast as answers come

    Statistics by producer
                  sent  failed  unknown  success  messages/s      p50      p99       max
      producer-1   990       0       10  99.00 %         802  3.99 ms  42.1 ms  1,789 ms
      Errors of producer-1: 503 × 3, ECONNREFUSED × 1,200

    Latencies
                      min     mean      p50      p90      p99   p99.9  p99.99       max
      accept      0.51 ms  4.20 ms  3.99 ms  9.87 ms  42.1 ms  421 ms  980 ms  1,789 ms
      publish     0.51 ms  4.20 ms  3.99 ms  9.87 ms  42.1 ms  421 ms  980 ms  1,789 ms
      end to end  0.51 ms  4.20 ms  3.99 ms  9.87 ms  42.1 ms  421 ms  980 ms  1,789 ms
      a batch     0.51 ms  4.20 ms  3.99 ms  9.87 ms  42.1 ms  421 ms  980 ms  1,789 ms
      accept: from the send to the 202. publish: from the append to Kafka. end to end: from the send to
      the effect. A batch: as accept, but each of the 99 requests counts once.

    Audit by group
               received  lost  duplicated  out of order  corrupt  foreign      p50      p99
      group-a       989     1           0             2        0        0  3.99 ms  42.1 ms
      The last effect came 81 ms after the last answer.

    FAILED
      10 messages never settled: took effect once or never
      group-a: 1 message lost (sequence 17)
    "
  `)
})

test('at the end of a run of which everything is known: faults, resources, clocks and thresholds, too', () => {
  expect(endText(fullReport(), plain)).toMatchInlineSnapshot(`
    "Final statistics
      Total Messages      120,200
      Messages Sent       120,200
      Messages Failed     0
      Success Rate        100.00 %
      Total Duration      50.0 s
      Average Throughput  2,404 messages/s
      Load Model          open: on a timetable, whatever comes back
      Warm-up             5.0 s, left out of the latencies
      Missed Starts       17 batches, the latest 212 ms late

    Statistics by producer
                    sent  failed  unknown   success  messages/s      p50      p99     max
      producer-1  60,100       0        0  100.00 %       1,202  2.72 ms  34.0 ms  202 ms
      producer-2  60,100       0        0  100.00 %       1,202  2.72 ms  34.0 ms  202 ms
      Errors of producer-2: 503 × 12, ECONNRESET × 3

    Latencies
                      min     mean      p50      p90      p99    p99.9  p99.99       max
      accept      0.90 ms  3.27 ms  2.72 ms  10.0 ms  34.0 ms  74.0 ms  130 ms    202 ms
      publish     0.90 ms  9.80 ms  8.17 ms  30.0 ms   102 ms   222 ms  390 ms    606 ms
      end to end  0.90 ms  19.6 ms  16.4 ms  60.0 ms   204 ms   444 ms  780 ms  1,212 ms
      a batch     0.90 ms  3.27 ms  2.72 ms  10.0 ms  34.0 ms  74.0 ms  130 ms    202 ms
      accept: from the time on the timetable to the 202. publish: from the append to Kafka. end to end:
      from the time on the timetable to the effect. A batch: as accept, but each of the 1,202 requests
      counts once.

    Audit by group
               received  lost  duplicated  out of order  corrupt  foreign  replayed      p50     p99
      group-a   120,200     0           0             0        0        0         0  16.4 ms  204 ms
      group-b   120,200     0           0             0        0        0         0  16.4 ms  204 ms
      group-c   120,200     0           0             0        0        0        14  16.4 ms  204 ms
      The last effect came 81 ms after the last answer.

    Faults
                                 from      to
      kill:relay@14s           14.0 s  22.0 s
      pause:producer-2@40s+2s  40.0 s  42.0 s
      pause:producer-2@40s+2s: it went on after 2 s by itself

    Resources
                   processes     CPU  µs a message  memory
      producer             2  29.5 s         245.4  124 MB
      relay                1   6.0 s          49.9  101 MB
      consumer             1   4.5 s          37.4  109 MB
      postgres             1  31.0 s         257.9  422 MB
      kafka                1  16.5 s         137.3  956 MB
      load-tester          1  12.0 s          99.8  137 MB
      Memory: the most that one of them had.

    Clocks
                ahead of ours  give or take
      postgres        0.40 ms       0.20 ms
      kafka          −12.3 ms       1.10 ms
      What ends by a clock that is ahead seems to take so much longer, and by one that is behind so much
      less.

    Thresholds
                          value
      ✔ lost==0               0
      ✘ endToEnd.p99<200    204

    THRESHOLD MISSED
      120,200 messages took effect exactly once in each of 3 groups, in the order of their keys, 14
      replayed effects left aside.
      endToEnd.p99<200 is missed: it is 204
    "
  `)
})

test('a run that passed says what that means', () => {
  const passed: Report = { ...report, verdict: 'passed', reasons: [] }
  expect(endText(passed, plain)).toMatch(
    /PASSED\n {2}990 messages took effect exactly once in each of 1 group, in the order of their keys\.\n$/,
  )
})

test('replayed effects are shown where there are any, and are no part of what was proved', () => {
  const [group] = report.groups
  if (group === undefined) throw new Error('the report has a group')
  const groups = [
    { ...group, replayed: 12 },
    { ...group, name: 'group-b', received: 990, lost: 0, outOfOrder: 0 },
  ]
  const text = endText({ ...report, verdict: 'passed', reasons: [], groups }, plain)
  expect(text.slice(text.indexOf('Audit by group'))).toMatchInlineSnapshot(`
    "Audit by group
               received  lost  duplicated  out of order  corrupt  foreign  replayed      p50      p99
      group-a       989     1           0             2        0        0        12  3.99 ms  42.1 ms
      group-b       990     0           0             0        0        0         0  3.99 ms  42.1 ms
      The last effect came 81 ms after the last answer.

    PASSED
      990 messages took effect exactly once in each of 2 groups, in the order of their keys, 12 replayed
      effects left aside.
    "
  `)
})

test('an open loop says its timetable, and which starts were missed', () => {
  const stages = [
    { durationMs: 10_000, fromPerSecond: 1_000, toPerSecond: 1_000 },
    { durationMs: 120_000, fromPerSecond: 1_000, toPerSecond: 5_000 },
  ]
  const start = startText({ ...head, options: { ...options, stages, warmUpMs: 5_000 } }, [], plain)
  expect(start).toContain('Timetable        1,000 messages/s for 10.0 s, 1,000 to 5,000 messages/s for 2 min 0 s')
  expect(start).toContain('Warm-up          5.0 s, not measured')
  const load = { model: 'open' as const, warmUpMs: 5_000, missedStarts: 12, latestStartMs: 830 }
  expect(endText({ ...report, load }, plain)).toContain('Missed Starts       12 batches, the latest 830 ms late')
})

test('clocks are told of where one is surely so far off that it shows, and values below 0 are', () => {
  const clock = (offsetMs: number, uncertaintyMs: number) => ({ name: 'postgres', offsetMs, uncertaintyMs })
  const textOf = (offsetMs: number, uncertaintyMs: number) =>
    endText({ ...report, clocks: [clock(offsetMs, uncertaintyMs)] }, plain)
  expect(textOf(0.9, 0.2)).not.toContain('Clocks')
  expect(textOf(-4, 3.5)).not.toContain('Clocks')
  expect(textOf(-12.3, 0.7)).toMatch(
    /Clocks\n.*\n {2}postgres +−12.3 ms +0.70 ms\n {2}What ends by a clock that is ahead/,
  )
  const publish = { ...latencyMs, min: -3, negative: 12 }
  const text = endText({ ...report, latencyMs: { ...report.latencyMs, publish } }, plain)
  expect(text).toContain('publish: 12 values below 0, since two clocks differ; percentiles take them for 0.')
})

test('latencies of minutes leave a table of 100 columns one', () => {
  const minutes = Object.fromEntries(Object.keys(latencyMs).map((statistic) => [statistic, 133_612.4]))
  const slow = { ...latencyMs, ...minutes, p50: 99_999 }
  const text = endText({ ...report, latencyMs: { ...report.latencyMs, endToEnd: slow } }, plain)
  expect(text).toMatch(/ {2}end to end +134 s +134 s +99,999 ms +134 s +134 s +134 s +134 s +134 s\n/)
})

test.each([20, 40, 60, 80])('no line is longer than a terminal of %i columns', (width) => {
  const text =
    startText(head, ['a note that is rather long'], { ...plain, width }) +
    endText(report, { ...plain, width }) +
    endText(fullReport(), { ...plain, width })
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
})

test('on 20 columns nothing is left out', () => {
  const words = (text: string) => text.replaceAll(/[^\p{L}\d]/gu, '')
  expect(words(startText(head, [], { ...plain, width: 20 }))).toBe(words(startText(head, [], plain)))
})
