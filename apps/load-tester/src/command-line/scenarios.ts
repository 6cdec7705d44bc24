import type { RunShape } from '../plan/run-plan.ts'

/** How a run goes; what the options of the same names say overrides it. */
export type RunOptions = RunShape & { topic: string; payloadBytes: number }

const common = { topic: 'shared-events', keys: 1_000, payloadBytes: 256 }

/** Sizes known by name. */
export const scenarios = {
  quick: { messages: 100, batchSize: 10, concurrency: 5, ...common },
  medium: { messages: 10_000, batchSize: 100, concurrency: 10, ...common },
  large: { messages: 100_000, batchSize: 500, concurrency: 20, ...common },
  extreme: { messages: 10_000_000, batchSize: 500, concurrency: 50, ...common },
} as const satisfies Record<string, RunOptions>

export type ScenarioName = keyof typeof scenarios
