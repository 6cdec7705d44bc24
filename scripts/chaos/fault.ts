import type { SeededRandom } from '@outbox/local-stack/seeded-random'
import type { ChaosSystem } from './chaos-system.ts'

/** A kind of fault that is drawn at random. */
export type Fault = {
  /** As it's written on the command line. */
  name: string
  /** Its numbers in docs/reliability.md. */
  numbers: readonly number[]
  /** What it does, in a few words. */
  does: string
  /** Decides against whom, how hard and how long, from `random` alone. */
  draw(random: SeededRandom): DrawnFault
}

/** A fault whose every choice is made. */
export type DrawnFault = {
  /** The choices, in a few words: "relay-2, down for 4.2 s". */
  details: string
  /** How long it takes, about, in ms. */
  lastsMs: number
  /**
   * Does it, and undoes it.
   * @throws whatever shows that something didn't hold that must
   */
  inflict(system: ChaosSystem): Promise<void>
}
