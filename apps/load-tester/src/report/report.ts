import type { RunOptions } from '../command-line/scenarios.ts'
import type { UsagePart } from '../watch/run-sample.ts'
import type { LatencySummary } from './latencies.ts'

/** The report as JSON. Times are in milliseconds, rates in percent. */
export type Report = {
  runId: string
  scenario: string
  /** ISO 8601. */
  startedAt: string
  finishedAt: string
  options: RunOptions
  totals: {
    messages: number
    sent: number
    failed: number
    unknown: number
    successRate: number
    durationMs: number
    throughputPerSecond: number
  }
  batches: { count: number; latencyMs: LatencySummary }
  producers: ProducerReport[]
  latencyMs: { accept: LatencySummary; publish: LatencySummary; endToEnd: LatencySummary }
  groups: GroupReport[]
  drain: { durationMs: number }
  /** How the load was given; `missedStarts` and the latest of them: batches behind the timetable, 0 in a closed loop. */
  load: { model: 'closed' | 'open'; warmUpMs: number; missedStarts: number; latestStartMs: number }
  /** Latencies as curves of at most 100 points each, by hop: `accept`, `publish`, and `endToEnd` by group. */
  curves: { accept: CurvePoint[]; publish: CurvePoint[]; endToEnd: Record<string, CurvePoint[]> }
  /** How far a clock is ahead of the tester's, and how sure that is. */
  clocks: { name: string; offsetMs: number; uncertaintyMs: number }[]
  /** The run over time; at most 600 points, which are further apart the longer it lasts. */
  timeline: TimelinePoint[]
  resources: ResourceReport[]
  /** Whether the tester itself was what limited the run, and from what that is known. */
  tester: { isTheLimit: boolean; loopDelayP99Ms: number; cpuShare: number }
  faults: FaultReport[]
  thresholds: { expression: string; value: number; passed: boolean }[]
  verdict: 'passed' | 'failed' | 'interrupted'
  /** Why it isn't passed, a sentence each. */
  reasons: string[]
}

/** One producer's part. */
export type ProducerReport = {
  name: string
  url: string
  healthy: boolean
  sent: number
  failed: number
  unknown: number
  successRate: number
  throughputPerSecond: number
  /** Of its batches that were accepted, from the first attempt anywhere to its answer. */
  latencyMs: LatencySummary
  /** How often each kind of error came from it, also where the batch was accepted in the end. */
  errors: Record<string, number>
}

/** One group's part; `received`, `lost` and `outOfOrder` count messages, the others effects. */
export type GroupReport = {
  name: string
  received: number
  lost: number
  duplicated: number
  outOfOrder: number
  corrupt: number
  foreign: number
  /** Wanted ones: of messages that were sent again, or that the group had given up before. */
  replayed: number
  latencyMs: LatencySummary
}

/** `percentile`: 0 to 100, 99.99 and so on. */
export type CurvePoint = { percentile: number; ms: number }

/** The run at one moment: messages since its start, latencies and shares of a core since the point before. */
export type TimelinePoint = {
  /** Since the run's start. */
  atMs: number
  sent: number
  failed: number
  unknown: number
  inFlight: number
  missedStarts: number
  applied: Record<string, number>
  acceptMs: { p50: number; p99: number; max: number }
  usage: Record<string, { cpuShare: number; memoryBytes: number }>
}

/** What a process or container used from the run's start to its end. */
export type ResourceReport = {
  name: string
  part: UsagePart
  cpuMs: number
  /** Microseconds for each message sent. */
  cpuUsPerMessage: number
  peakMemoryBytes: number
}

/** A fault that was injected during the run; `problem`: why it could not be, or what did not hold. */
export type FaultReport = { fault: string; atMs: number; endedAtMs: number; problem?: string }
