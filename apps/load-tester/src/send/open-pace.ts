import type { Pace, Start } from './send-run.ts'

/** `startMs`: what the due times count from, as of `performance.now()`. */
export type DueTimes = { startMs: number; batches: number; workers: number; dueMs: (batch: number) => number }

/** Timers know whole milliseconds only: what is due within half of one begins at once. */
const timerGrainMs = 0.5

/**
 * On a timetable, an open loop: batches begin when they are due, however slow the answers are. Only a batch whose
 * worker still waits for an answer begins later: it missed its start, and its latency counts from its due time all
 * the same, so that a system that stalls can't hide it.
 * @param times due times never fall from one batch to the next
 */
export function openPace({ startMs, batches, workers, dueMs }: DueTimes, signal: AbortSignal): Pace {
  const waiting = new Map<number, (start: Start | undefined) => void>()
  let timer: NodeJS.Timeout | undefined
  /** Batches below it were due, and those of them that waited have begun. */
  let next = 0

  const dueAt = (batch: number) => startMs + dueMs(batch)

  function startThoseDue(): void {
    timer = undefined
    const now = performance.now()
    while (next < batches && dueAt(next) - now < timerGrainMs) {
      waiting.get(next)?.({ sinceMs: Math.min(dueAt(next), now) })
      waiting.delete(next)
      next += 1
    }
    setTimer(now)
  }

  function setTimer(now: number): void {
    if (timer === undefined && waiting.size > 0) timer = setTimeout(startThoseDue, Math.max(dueAt(next) - now, 0))
  }

  function stop(): void {
    clearTimeout(timer)
    for (const start of waiting.values()) start(undefined)
    waiting.clear()
  }
  signal.addEventListener('abort', stop, { once: true })

  return {
    async begin(batch) {
      if (signal.aborted) return undefined
      const now = performance.now()
      const lateMs = now - dueAt(batch)
      if (batch < next || lateMs >= 0) {
        // A worker's first batch has none before it that could hold it up.
        const missed = lateMs > 0 && batch >= workers
        return { sinceMs: Math.min(dueAt(batch), now), ...(missed && { lateMs }) }
      }
      return await new Promise((resolve) => {
        waiting.set(batch, resolve)
        setTimer(now)
      })
    },
  }
}
