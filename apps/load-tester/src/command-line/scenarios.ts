import type { RunOptions } from './run-options.ts'

const common = { topic: 'shared-events', keys: 1_000, payloadBytes: 256 }

/** Sizes known by name; what the options of the same names say overrides them. */
export const scenarios = {
  quick: { messages: 100, batchSize: 10, concurrency: 5, ...common },
  medium: { messages: 10_000, batchSize: 100, concurrency: 10, ...common },
  large: { messages: 100_000, batchSize: 500, concurrency: 20, ...common },
  extreme: { messages: 10_000_000, batchSize: 500, concurrency: 50, ...common },
} as const satisfies Record<string, RunOptions>

export type ScenarioName = keyof typeof scenarios
