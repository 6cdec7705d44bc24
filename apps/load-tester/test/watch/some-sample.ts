import type { RunSample } from '../../src/watch/run-sample.ts'

const accept = { min: 1, mean: 6, p50: 5, p90: 9, p99: 12.34, p999: 20, p9999: 900, max: 21, negative: 0 }

/** A run of a million messages, a good half of which is sent. */
export const someSample: RunSample = {
  atMs: 12_300,
  phase: 'sending',
  messages: 1_000_000,
  sent: 620_000,
  failed: 0,
  unknown: 0,
  inFlight: 20,
  repeated: 3,
  missedStarts: 0,
  producers: [
    { name: 'producer-1', circuit: 'closed', sent: 400_000, failed: 0, unknown: 0, errors: 0 },
    { name: 'producer-2', circuit: 'open', sent: 220_000, failed: 0, unknown: 0, errors: 1_234 },
  ],
  applied: { 'group-a': 580_000, 'group-b': 310_000 },
  latencyMs: { accept, publish: { p50: 7, p99: 25 }, endToEnd: { p50: 14, p99: 1_042 } },
  usage: [
    { name: 'producer-1', part: 'producer', cpuMs: 3_000, cpuShare: 0.4, memoryBytes: 1e8 },
    { name: 'producer-2', part: 'producer', cpuMs: 2_000, cpuShare: 0.22, memoryBytes: 1e8 },
    { name: 'postgres', part: 'postgres', cpuMs: 9_000, cpuShare: 0.71, memoryBytes: 3e8 },
    { name: 'load-tester', part: 'load-tester', cpuMs: 2_000, cpuShare: 0.2, memoryBytes: 1e8 },
  ],
  tester: { loopDelayMs: 2, cpuShare: 0.2 },
}
