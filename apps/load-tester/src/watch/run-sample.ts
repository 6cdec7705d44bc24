import { type Static, Type } from 'typebox'
import type { LatencySummary } from '../report/latencies.ts'

/** A run at one moment. Counts are of messages unless said otherwise, and since the run's start. */
export type RunSample = {
  /** Since the run's start, in ms. */
  atMs: number
  phase: 'sending' | 'applying'
  /** How many there are to be; undefined where only the time is given. */
  messages: number | undefined
  sent: number
  failed: number
  unknown: number
  /** Requests. */
  inFlight: number
  /** Requests that were sent again. */
  repeated: number
  /** Batches that started later than the timetable has it, as none of the connections was free; 0 in a closed loop. */
  missedStarts: number
  producers: ProducerSample[]
  /** What took effect, by group. */
  applied: Record<string, number>
  /** Since the sample before; `publish` and `endToEnd` as the apps measure it, undefined where none of them says. */
  latencyMs: { accept: LatencySummary; publish?: HopSample; endToEnd?: HopSample }
  usage: UsageSample[]
  tester: { loopDelayMs: number; cpuShare: number }
}

/** A producer at one moment. */
export type ProducerSample = {
  name: string
  /** `open`: it rests after failures; `half-open`: one batch tries whether it is back. */
  circuit: 'closed' | 'open' | 'half-open'
  sent: number
  failed: number
  unknown: number
  /** Attempts that weren't accepted. */
  errors: number
}

/** Two percentiles of a hop, in ms. */
export type HopSample = { p50: number; p99: number }

/** What a process or container uses: `cpuMs` since the run's start, `cpuShare` of one core since the sample before. */
export type UsageSample = { name: string; part: UsagePart; cpuMs: number; cpuShare: number; memoryBytes: number }

/** What a process is for. */
export const UsagePart = Type.Enum(['producer', 'relay', 'consumer', 'postgres', 'kafka', 'load-tester'])
export type UsagePart = Static<typeof UsagePart>
