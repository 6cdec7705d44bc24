import { latency } from '../report/numbers.ts'

/** What the judgement goes by; `acceptP99Ms`: what the tester has measured at the same time; `sendingMs`: for how long it has sent. */
export type TesterFigures = { loopDelayP99Ms: number; cpuShare: number; acceptP99Ms: number; sendingMs: number }

/**
 * The tester's JavaScript runs on one core. Whatever waits for something that is busy for nine tenths of the time waits nine
 * times as long as the work takes: from there on the answers queue up in the tester.
 */
const busyShare = 0.9

/** An answer that has arrived is seen when the loop comes round. Where that takes half of what is measured, the tester measures itself. */
const shareOfLatency = 0.5
/** Below that it is the scheduler's and the timers' own: a loop with nothing to do is up to a few milliseconds late on a busy machine. */
const leastDelayMs = 20

/** Within the first seconds Node compiles what it runs: a short run says nothing about a long one. */
const leastMs = 3_000

/** @returns why the tester itself is what limits the run; undefined where it isn't */
export function whyTesterIsTheLimit(figures: TesterFigures): string | undefined {
  const { loopDelayP99Ms, cpuShare, acceptP99Ms, sendingMs } = figures
  if (sendingMs < leastMs) return undefined
  if (cpuShare >= busyShare)
    return `it takes ${cpuShare.toFixed(2)} of the one core that it can use: send larger batches, or run a second one elsewhere`
  if (loopDelayP99Ms >= leastDelayMs && loopDelayP99Ms >= acceptP99Ms * shareOfLatency)
    return `its event loop is ${latency(loopDelayP99Ms)} late (p99), of an accept p99 of ${latency(acceptP99Ms)}: give it a core of its own`
  return undefined
}
