import { setTimeout as sleep } from 'node:timers/promises'
import type { CheckedProducer } from '../system/check-producers.ts'

/** `check`: looks at all addresses again; `everyMs`: from the end of a check to the next one. */
export type Recheck = {
  check: () => Promise<CheckedProducer[]>
  everyMs: number
  onChecked: (producers: CheckedProducer[]) => void
  signal: AbortSignal
}

/** Checks again and again until `signal` aborts. */
export async function recheckProducers({ check, everyMs, onChecked, signal }: Recheck): Promise<void> {
  for (;;) {
    await sleep(everyMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    const producers = await check()
    // The clients may be closed by now.
    if (!signal.aborted) onChecked(producers)
  }
}
