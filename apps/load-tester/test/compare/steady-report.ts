import type { Report, TimelinePoint } from '../../src/report/report.ts'
import { fullReport } from '../full-report.ts'

const points = 64

/**
 * A report of a run on which nothing happens, whose figures wander as those of a real run do: what a second is like
 * depends on the one before. `slower` and `cpu` are what latencies and CPU are multiplied by.
 */
export function steadyReport(shape: {
  perSecond: number
  seed: number
  spread?: number
  slower?: number
  cpu?: number
}): Report {
  const { perSecond, seed, spread = 0.05, slower = 1, cpu = 1 } = shape
  const wander = wandering(seededRandom(seed), spread)
  let sent = 0
  const timeline = Array.from({ length: points }, (_, index): TimelinePoint => {
    const share = wander()
    sent += Math.round(perSecond * share)
    return {
      atMs: (index + 1) * 1_000,
      sent,
      failed: 0,
      unknown: 0,
      inFlight: 5,
      missedStarts: 0,
      applied: { 'group-a': Math.round(sent - perSecond * 0.02 * slower * wander()) },
      acceptMs: { p50: 2 * slower * wander(), p99: 9 * slower * wander(), max: 20 * slower },
      usage: { 'producer-1': { cpuShare: 0.3 * cpu * (perSecond / 2_000) * share * wander(), memoryBytes: 1e8 } },
    }
  })
  const seconds = timeline.length
  const full = fullReport()
  const latencies = (ms: number) => ({
    ...full.latencyMs.accept,
    p50: ms * slower * wander(),
    p99: 9 * ms * slower * wander(),
  })
  const messages = Math.max(sent, 1)
  return {
    ...full,
    totals: { ...full.totals, sent, durationMs: seconds * 1_000, throughputPerSecond: sent / seconds },
    load: { ...full.load, warmUpMs: 0 },
    latencyMs: { accept: latencies(2), publish: latencies(5), endToEnd: latencies(20) },
    resources: [
      {
        name: 'producer-1',
        part: 'producer',
        cpuMs: 0.3 * cpu * seconds * 1_000,
        cpuUsPerMessage: (0.3 * cpu * (perSecond / 2_000) * seconds * 1e6) / messages,
        peakMemoryBytes: 1e8,
      },
    ],
    timeline,
  }
}

/** Around 1, each value half of the one before. */
function wandering(random: () => number, spread: number): () => number {
  let away = 0
  return () => {
    away = 0.5 * away + (random() - 0.5) * spread
    return Math.max(1 + away, 0.01)
  }
}

/** From 0 to 1, the same for the same seed: a linear congruential generator. */
function seededRandom(seed: number): () => number {
  let state = (Math.imul(seed, 2_654_435_761) ^ 0x5bd1e995) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
