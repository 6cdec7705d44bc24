import { setTimeout as sleep } from 'node:timers/promises'

/** Sleeps before attempt `attempt` (the first is 1): up to 100 ms, doubling to 5 s, with full jitter; less when `signal` aborts. */
export async function backOff(attempt: number, signal: AbortSignal): Promise<void> {
  const ceilingMs = Math.min(5_000, 100 * 2 ** (attempt - 1))
  await sleep(Math.random() * ceilingMs, undefined, { signal }).catch(() => {})
}
