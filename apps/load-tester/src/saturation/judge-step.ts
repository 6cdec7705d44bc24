import { latency, whole } from '../report/numbers.ts'
import type { Report, TimelinePoint } from '../report/report.ts'
import type { SaturationStep } from './saturation-report.ts'

/** What a step's load was: messages a second for so many milliseconds. */
export type StepLoad = { rate: number; durationMs: number }

/** Less than that is how samples differ: what was sent and what took effect are not read at one moment. */
const growthAllowed = 0.05
const missedAllowed = 0.01
/** Where no threshold is given. */
const endToEndLimitMs = 1_000

/**
 * Whether the system kept up: the backlog of the slowest group, which is what was sent and took no effect yet, is no larger at the
 * step's end than in its middle, batches started on time, and all thresholds hold.
 */
export function judgeStep(report: Report, load: StepLoad): SaturationStep {
  const { latencyMs, thresholds, batches, totals } = report
  const backlogPerSecond = backlogGrowth(report.timeline, load.durationMs)
  const { missedStarts } = report.load
  const reasons = [
    ...(backlogPerSecond > load.rate * growthAllowed ? [`the backlog grows by ${whole(backlogPerSecond)}/s`] : []),
    ...(missedStarts > batches.count * missedAllowed
      ? [`${whole(missedStarts)} of ${whole(batches.count)} requests started late`]
      : []),
    ...thresholds.filter(({ passed }) => !passed).map(({ expression }) => `${expression} is missed`),
    ...(thresholds.length === 0 && latencyMs.endToEnd.p99 > endToEndLimitMs
      ? [`end to end p99 is above ${latency(endToEndLimitMs)}`]
      : []),
  ]
  return {
    runId: report.runId,
    rate: load.rate,
    batchSize: report.options.batchSize,
    sentPerSecond: totals.throughputPerSecond,
    acceptMs: { mean: latencyMs.accept.mean, p99: latencyMs.accept.p99 },
    endToEndMs: { p50: latencyMs.endToEnd.p50, p99: latencyMs.endToEnd.p99 },
    backlogPerSecond,
    missedStarts,
    holds: reasons.length === 0,
    reasons,
  }
}

/** From the middle of the step to its end, in messages a second; 0 where too few moments are known. */
function backlogGrowth(timeline: readonly TimelinePoint[], durationMs: number): number {
  const points = timeline.filter(({ atMs }) => atMs <= durationMs)
  const second = points.filter(({ atMs }) => atMs >= durationMs / 2)
  const [middle, end] = [second[0], second.at(-1)]
  if (middle === undefined || end === undefined || middle === end) return 0
  return Math.round((backlogOf(end) - backlogOf(middle)) / ((end.atMs - middle.atMs) / 1_000))
}

function backlogOf({ sent, applied }: TimelinePoint): number {
  const counts = Object.values(applied)
  return counts.length === 0 ? 0 : sent - Math.min(...counts)
}
