import type { ChaosSystem } from './chaos-system.ts'
import type { PlannedFault } from './plan-run.ts'
import { recovery } from './recovery.ts'
import { seconds } from './seconds.ts'
import { consumers, producers, relays } from './system-shape.ts'

/** What became of one fault. Times in ms since 1970. */
export type InflictedFault = {
  step: PlannedFault
  startedAtMs: number
  lastedMs: number
  /** From its end; undefined when the system hadn't recovered within a minute. */
  recoveryMs: number | undefined
  /** What didn't hold while it lasted. */
  problem: string | undefined
}

const RECOVERS_MS = 60_000

/** Inflicts one fault after the other; after each it waits for recovery, and until every app is ready again. */
export async function inflictFaults(
  system: ChaosSystem,
  steps: readonly PlannedFault[],
  { report, signal }: { report: (line: string) => void; signal: AbortSignal },
): Promise<InflictedFault[]> {
  const inflicted: InflictedFault[] = []
  for (const [index, step] of steps.entries()) {
    await system.sleep(step.pauseMs)
    const startedAtMs = Date.now()
    const problem = await step.inflict(system).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    signal.throwIfAborted()
    const lastedMs = Date.now() - startedAtMs
    const recoveryMs = await recovery(system.pool, { withinMs: RECOVERS_MS, signal })
    await system.ready([...producers, ...relays, ...consumers])
    inflicted.push({ step, startedAtMs, lastedMs, recoveryMs, problem })
    const recovered = recoveryMs === undefined ? 'NOT RECOVERED' : `recovered in ${seconds(recoveryMs)}`
    const place = `${String(index + 1).padStart(String(steps.length).length)}/${steps.length}`
    report([`${place}  ${titleOf(step)}`, recovered, ...(problem === undefined ? [] : [problem])].join('; '))
  }
  return inflicted
}

/** The fault and its choices: "kill-relay (relay-2, dead for 5.0 s)". */
export function titleOf({ fault, details }: PlannedFault): string {
  return details === '' ? fault.name : `${fault.name} (${details})`
}
