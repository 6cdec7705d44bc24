import { type Static, Type } from 'typebox'
import type { LatencySummary } from '../report/latencies.ts'

/** A run at one moment. Counts are of messages unless said otherwise, and since the run's start. */
export type RunSample = {
  /** Since the run's start, in ms. */
  atMs: number
  /** `auditing`: all that is awaited took effect, and is compared with what was answered. */
  phase: 'sending' | 'applying' | 'auditing'
  /** How many there are to be; undefined where only the time is given. */
  messages: number | undefined
  /** How long is sent, where that is given, by a duration or by a timetable. */
  lastsMs?: number
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
  /** For how long nothing took effect any more, and after how long what is missing is lost; while effects are awaited. */
  waiting?: { stillMs: number; timeoutMs: number }
  /** Since the sample before; `publish` and `endToEnd` as the apps measure it, undefined where none of them says. */
  latencyMs: { accept: LatencySummary; publish?: HopSample; endToEnd?: HopSample }
  usage: UsageSample[]
  tester: TesterSample
}

/** The tester itself since the sample before: how late its event loop was, 99 times of 100, and its share of a core. */
export type TesterSample = { loopDelayMs: number; cpuShare: number }

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

export const usageParts = ['producer', 'relay', 'consumer', 'postgres', 'kafka', 'load-tester'] as const

/** What a process is for. */
export const UsagePart = Type.Enum(usageParts)
export type UsagePart = Static<typeof UsagePart>
