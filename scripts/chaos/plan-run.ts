import { seededRandom } from '@outbox/local-stack/seeded-random'
import type { DrawnFault, Fault } from './fault.ts'

/** A fault in its turn; `pauseMs`: how long the system is left alone before. */
export type PlannedFault = DrawnFault & { fault: Fault; pauseMs: number }

/** What is inflicted, in this order. `leftOut`: faults for which the minutes are too few. */
export type RunPlan = { steps: PlannedFault[]; leftOut: Fault[] }

export type RunToPlan = { seed: number; minutes: number; faults: readonly Fault[] }

/** What a recovery is reckoned with, in ms. */
const RECOVERY_MS = 8_000
const PAUSE_MS = { min: 500, max: 3_000 }

/**
 * Decides all of a run beforehand, from seed, minutes and faults alone: the same ones make the same run. Each fault comes
 * once in each round, in another order each time, until no other has room in the minutes.
 */
export function planRun({ seed, minutes, faults }: RunToPlan): RunPlan {
  const random = seededRandom(seed)
  const steps: PlannedFault[] = []
  let leftMs = minutes * 60_000
  for (let added = true; added; ) {
    added = false
    for (const fault of random.shuffled(faults)) {
      const step = { ...fault.draw(random), fault, pauseMs: random.between(PAUSE_MS.min, PAUSE_MS.max) }
      const needsMs = step.pauseMs + step.lastsMs + RECOVERY_MS
      if (needsMs > leftMs) continue
      leftMs -= needsMs
      steps.push(step)
      added = true
    }
  }
  const drawn = new Set(steps.map(({ fault }) => fault))
  return { steps, leftOut: faults.filter((fault) => !drawn.has(fault)) }
}
