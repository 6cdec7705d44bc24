import { setTimeout as sleep } from 'node:timers/promises'
import { peakMegabytes } from '@outbox/processes/process-cost'
import type { ChaosSystem } from './chaos-system.ts'

const POLL_MS = 500

/** Watches until `signal` aborts. @returns the most memory that each process, or its predecessors, had, in MB, by name */
export function watchPeakMemory({ apps, kafka }: ChaosSystem, signal: AbortSignal): ReadonlyMap<string, number> {
  const peaks = new Map<string, number>()
  const watch = async () => {
    while (!signal.aborted) {
      for (const { name, pid } of [...apps, { name: 'Kafka', pid: kafka.pid }]) {
        const now = peakMegabytes(pid)
        if (now > (peaks.get(name) ?? 0)) peaks.set(name, now)
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => {})
    }
  }
  void watch()
  return peaks
}
