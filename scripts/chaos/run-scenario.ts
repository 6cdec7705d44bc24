import type { PlannedFault } from './plan-run.ts'
import { type ChaosResult, type ChaosRun, runChaos } from './run-chaos.ts'
import type { Scenario } from './scenario.ts'

/** For the size of the outbox's partitions only. */
const MINUTES = 3
const CALM_MS = 3_000

/** Runs a scenario on a system of its own, under load, with the same audit as every run. */
export async function runScenario(
  scenario: Scenario,
  context: Pick<ChaosRun, 'name' | 'env' | 'report' | 'signal'>,
): Promise<ChaosResult> {
  await using resources = new AsyncDisposableStack()
  const own = await scenario.system?.(resources)
  const step: PlannedFault = {
    // Nothing of it is left to chance.
    fault: { ...scenario, draw: () => step },
    details: '',
    lastsMs: 0,
    pauseMs: CALM_MS,
    inflict: (system) => scenario.inflict(system),
  }
  return await runChaos({ ...context, ...own, steps: [step], minutes: MINUTES })
}
