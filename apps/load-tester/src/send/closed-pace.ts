import type { Pace } from './send-run.ts'

/**
 * As fast as answers come, a closed loop: who waits for an answer sends nothing meanwhile.
 * @param untilMs as of `performance.now()`: no batch begins later
 */
export function closedPace({ untilMs, signal }: { untilMs: number; signal: AbortSignal }): Pace {
  return {
    async begin() {
      const sinceMs = performance.now()
      return signal.aborted || sinceMs >= untilMs ? undefined : { sinceMs }
    },
  }
}
