import type { RunOptions } from '../command-line/scenarios.ts'
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
