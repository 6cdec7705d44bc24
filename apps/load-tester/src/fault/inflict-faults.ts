import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import type { FaultReport } from '../report/report.ts'
import type { Fault } from './fault.ts'
import type { PlacedFaults } from './place-faults.ts'

/** Faults that come in their time. */
export type FaultRun = {
  /** The run is over: what hasn't come yet never will. */
  drop(): void
  /** Waits until what lasts is undone, so that the system is whole again, but not when the run was interrupted. */
  end(): Promise<FaultReport[]>
}

export type FaultsToInflict = PlacedFaults & {
  /** Told when a fault begins and ends. */
  note: (text: string) => void
  /** Aborts when the run is interrupted. */
  signal: AbortSignal
}

/** How long a part may take to come up again. */
const upMs = 180_000

/** Inflicts each fault in its time, which is counted from now. The system undoes them, also when the tester is gone. */
export function inflictFaults({ faults, server, note, signal }: FaultsToInflict): FaultRun {
  const startedMs = performance.now()
  const over = new AbortController()
  const nowMs = () => Math.round(performance.now() - startedMs)

  async function inflict(fault: Fault): Promise<FaultReport> {
    const { written, part, atMs } = fault
    const waited = sleep(atMs, true, { signal: AbortSignal.any([over.signal, signal]) }).catch(() => false)
    if (!(await waited)) return { fault: written, atMs, endedAtMs: atMs, problem: 'the run was over before' }
    const begunMs = nowMs()
    note(`${written}: ${part} now, ${(begunMs / 1_000).toFixed(1)} s after the start`)
    const problem = await order(fault, server, signal)
    note(`${written}: ${problem ?? 'over'}`)
    return { fault: written, atMs: begunMs, endedAtMs: nowMs(), ...(problem !== undefined && { problem }) }
  }

  const inflicted = Promise.all(faults.map(inflict))
  return {
    drop: () => over.abort(),
    async end() {
      over.abort()
      return await inflicted
    },
  }
}

/** @returns what went wrong */
async function order(
  { harm, part, forMs }: Fault,
  { url, token }: PlacedFaults['server'],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ part, harm, forMs }),
      headersTimeout: forMs + upMs,
      signal,
    })
    const sentence = await body.text()
    return statusCode === 200 ? undefined : sentence
  } catch (error) {
    if (signal.aborted) return 'was not over when the run was interrupted, and is undone in its time'
    return `the system did not answer: ${error instanceof Error ? error.message : String(error)}`
  }
}
