import type { ChaosSystem, ChaosSystemOptions } from './chaos-system.ts'

/** A fault that takes long or destroys something, on a system of its own; it isn't drawn at random. */
export type Scenario = {
  name: string
  /** Its numbers in docs/reliability.md. */
  numbers: readonly number[]
  /** What it does, in a few words. */
  does: string
  /** What this machine lacks for it; undefined when nothing. */
  lacks?(): Promise<string | undefined>
  /** What its system has of its own; what it needs for that is given back when `resources` are. */
  system?(resources: AsyncDisposableStack): Promise<Partial<ChaosSystemOptions>>
  /**
   * Does it, under load, and undoes it.
   * @throws whatever shows that something didn't hold that must
   */
  inflict(system: ChaosSystem): Promise<void>
}
