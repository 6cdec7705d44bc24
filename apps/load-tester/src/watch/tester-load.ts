import { monitorEventLoopDelay } from 'node:perf_hooks'
import { toThousandths } from '../report/numbers.ts'
import type { TesterSample } from './run-sample.ts'

/** The tester's own load. */
export type TesterLoad = {
  /** Since it was asked last. */
  sample(): TesterSample
  /** Since the beginning. */
  total(): { loopDelayP99Ms: number; cpuShare: number }
  end(): void
}

/** How often the loop's delay is measured; what is measured includes it. */
const resolutionMs = 10

/** Begins to measure how late this process's event loop is, and how much of a core the process takes. */
export function measureTester(): TesterLoad {
  const interval = monitorEventLoopDelay({ resolution: resolutionMs })
  const all = monitorEventLoopDelay({ resolution: resolutionMs })
  const began = moment()
  let last = began
  interval.enable()
  all.enable()
  return {
    sample() {
      const before = last
      last = moment()
      const loopDelayMs = delayMs(interval)
      interval.reset()
      return { loopDelayMs, cpuShare: cpuShare(before, last) }
    },
    total: () => ({ loopDelayP99Ms: delayMs(all), cpuShare: cpuShare(began, moment()) }),
    end() {
      interval.disable()
      all.disable()
    },
  }
}

type Moment = { ms: number; cpu: NodeJS.CpuUsage }

function moment(): Moment {
  return { ms: performance.now(), cpu: process.cpuUsage() }
}

function cpuShare(from: Moment, to: Moment): number {
  const usedMs = (to.cpu.user + to.cpu.system - from.cpu.user - from.cpu.system) / 1_000
  return to.ms === from.ms ? 0 : toThousandths(usedMs / (to.ms - from.ms))
}

function delayMs(histogram: { count: number; percentile(percentile: number): number }): number {
  return histogram.count === 0 ? 0 : toThousandths(Math.max(histogram.percentile(99) / 1e6 - resolutionMs, 0))
}
