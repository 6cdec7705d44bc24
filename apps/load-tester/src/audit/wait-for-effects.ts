import { setTimeout as sleep } from 'node:timers/promises'

/** Effects counted, by group. */
export type EffectCounts = ReadonlyMap<string, number>

/** `timeoutMs`: how long nothing may move in any group. */
export type EffectWait = {
  read: () => Promise<EffectCounts>
  /** Whether there are as many as can be expected. */
  enough: (counts: EffectCounts) => boolean
  /** `stillMs`: for how long nothing has moved. */
  onCounts: (counts: EffectCounts, stillMs: number) => void
  pollMs: number
  timeoutMs: number
  signal: AbortSignal
}

/**
 * Waits until there are enough effects, or nothing has moved in any group for `timeoutMs`, or `signal` aborts. A
 * database that doesn't answer counts as one in which nothing moves.
 * @returns what ended it
 */
export async function waitForEffects(wait: EffectWait): Promise<'enough' | 'timeout' | 'aborted'> {
  const { read, enough, onCounts, pollMs, timeoutMs, signal } = wait
  let movedMs = performance.now()
  let last = -1
  while (!signal.aborted) {
    const counts = await read().catch(() => undefined)
    const now = performance.now()
    if (counts !== undefined) {
      const sum = [...counts.values()].reduce((sum, count) => sum + count, 0)
      if (sum !== last) movedMs = now
      last = sum
      onCounts(counts, now - movedMs)
      if (enough(counts)) return 'enough'
    }
    if (now - movedMs >= timeoutMs) return 'timeout'
    await sleep(pollMs, undefined, { signal }).catch(() => {})
  }
  return 'aborted'
}
