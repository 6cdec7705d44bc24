import type { CurvePoint, Report, ResourceReport, TimelinePoint } from '../src/report/report.ts'

const runMs = 60_000
const stepMs = 1_000
const sendingMs = 50_000
const perSecond = 2_400
/** The relay is gone from here to there: nothing is applied, and what is sent meanwhile is applied afterwards. */
const outage = { fromMs: 14_000, toMs: 22_000 }
const drainedPerSecond = 4_300
const groups = ['group-a', 'group-b', 'group-c']
const processes = [
  ['producer-1', 'producer', 0.31, 118],
  ['producer-2', 'producer', 0.28, 117],
  ['relay-1', 'relay', 0.12, 96],
  ['group-a-1', 'consumer', 0.09, 104],
  ['postgres', 'postgres', 0.62, 402],
  ['kafka', 'kafka', 0.33, 912],
  ['load-tester', 'load-tester', 0.24, 131],
] as const

/** A report of which no part is empty: an open loop whose relay is killed for eight seconds. */
export function fullReport(): Report {
  const timeline = timelineOf()
  const sent = timeline.at(-1)?.sent ?? 0
  const accept = latencies(1)
  const endToEnd = latencies(6)
  return {
    runId: '20261201-101500-x7f3',
    scenario: 'large',
    startedAt: '2026-12-01T10:15:00.000Z',
    finishedAt: '2026-12-01T10:16:01.000Z',
    options: {
      messages: sent,
      batchSize: 100,
      concurrency: 20,
      keys: 1_000,
      topic: 'shared-events',
      payloadBytes: 256,
      stages: [{ durationMs: (sent / perSecond) * 1_000, fromPerSecond: perSecond, toPerSecond: perSecond }],
      warmUpMs: 5_000,
    },
    totals: {
      messages: sent,
      sent,
      failed: 0,
      unknown: 0,
      successRate: 100,
      durationMs: sendingMs,
      throughputPerSecond: Math.round(sent / (sendingMs / 1_000)),
    },
    batches: { count: sent / 100, latencyMs: accept },
    producers: [1, 2].map((number) => ({
      name: `producer-${number}`,
      url: `http://127.0.0.1:530${number}`,
      healthy: true,
      sent: sent / 2,
      failed: 0,
      unknown: 0,
      successRate: 100,
      throughputPerSecond: Math.round(sent / 2 / (sendingMs / 1_000)),
      latencyMs: accept,
      errors: number === 1 ? {} : { ECONNRESET: 3, '503': 12 },
    })),
    latencyMs: { accept, publish: latencies(3), endToEnd },
    groups: groups.map((name, index) => ({
      name,
      received: sent,
      lost: 0,
      duplicated: 0,
      outOfOrder: 0,
      corrupt: 0,
      foreign: 0,
      replayed: index === 2 ? 14 : 0,
      findings: [],
      latencyMs: endToEnd,
    })),
    drain: { durationMs: 81 },
    load: { model: 'open', warmUpMs: 5_000, missedStarts: 17, latestStartMs: 212.4 },
    curves: {
      accept: curve(1),
      publish: curve(3),
      endToEnd: Object.fromEntries(groups.map((name, index) => [name, curve(6 + index / 2)])),
    },
    clocks: [
      { name: 'postgres', offsetMs: 0.4, uncertaintyMs: 0.2 },
      { name: 'kafka', offsetMs: -12.3, uncertaintyMs: 1.1 },
    ],
    timeline,
    resources: processes.map(([name, part, share, megabytes]) => resource({ name, part, share, megabytes, sent })),
    tester: { isTheLimit: false, loopDelayP99Ms: 11.2, cpuShare: 0.24 },
    faults: [
      { fault: 'kill:relay@14s', atMs: outage.fromMs, endedAtMs: outage.toMs },
      { fault: 'pause:producer-2@40s+2s', atMs: 40_000, endedAtMs: 42_000, problem: 'it went on after 2 s by itself' },
    ],
    thresholds: [
      { expression: 'lost==0', value: 0, passed: true },
      { expression: 'endToEnd.p99<200', value: endToEnd.p99, passed: false },
    ],
    verdict: 'threshold-missed',
    reasons: [`endToEnd.p99<200 is missed: it is ${endToEnd.p99}`],
  }
}

function timelineOf(): TimelinePoint[] {
  const points: TimelinePoint[] = []
  let sent = 0
  let applied = 0
  for (let atMs = stepMs; atMs <= runMs; atMs += stepMs) {
    const ripple = 1 + 0.06 * Math.sin(atMs / 1_700) + 0.03 * Math.sin(atMs / 530)
    const sending = atMs <= sendingMs
    if (sending) sent += Math.round((perSecond * ripple) / 100) * 100
    const away = atMs > outage.fromMs && atMs <= outage.toMs
    if (!away) applied = Math.min(sent, applied + Math.round(drainedPerSecond * ripple))
    const p50 = sending ? 2.1 * ripple : 0
    points.push({
      atMs,
      sent,
      failed: 0,
      unknown: 0,
      inFlight: sending ? 7 : 0,
      missedStarts: atMs > 40_000 ? 17 : 0,
      applied: Object.fromEntries(groups.map((name, index) => [name, Math.max(applied - (away ? 0 : index * 40), 0)])),
      acceptMs: { p50, p99: p50 * (atMs === 41_000 ? 90 : 6), max: p50 * (atMs === 41_000 ? 96 : 11) },
      usage: Object.fromEntries(
        processes.map(([name, part, share, megabytes]) => [
          name,
          {
            cpuShare: part === 'relay' && away ? 0 : share * ripple * (sending ? 1 : 0.2),
            memoryBytes: Math.round(megabytes * 1_048_576 * (0.8 + (0.2 * atMs) / runMs)),
          },
        ]),
      ),
    })
  }
  return points.map((point, index) =>
    index === points.length - 1 ? { ...point, applied: Object.fromEntries(groups.map((name) => [name, sent])) } : point,
  )
}

function resource(process: {
  name: string
  part: ResourceReport['part']
  share: number
  megabytes: number
  sent: number
}): ResourceReport {
  const cpuMs = Math.round(process.share * sendingMs)
  return {
    name: process.name,
    part: process.part,
    cpuMs,
    cpuUsPerMessage: (cpuMs * 1_000) / process.sent,
    peakMemoryBytes: process.megabytes * 1_048_576,
  }
}

function latencies(times: number) {
  const at = (percentile: number) => msAt(percentile, times)
  return {
    min: 0.9,
    mean: at(60),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    p9999: at(99.99),
    max: at(99.999),
    negative: 0,
  }
}

function curve(times: number): CurvePoint[] {
  const halvings = Array.from({ length: 48 }, (_, index) => 100 - 100 / 2 ** (index / 3))
  return [...halvings, 100].map((percentile) => ({ percentile, ms: msAt(Math.min(percentile, 99.999), times) }))
}

function msAt(percentile: number, times: number): number {
  return Math.round((2 + 8 * Math.log10(100 / (100 - percentile)) ** 2) * times * 100) / 100
}
