import type { SaturationStep } from '../src/saturation/saturation-report.ts'

/** A step that holds, unless a reason is given. */
export function saturationStep(
  rate: number,
  {
    batchSize = 100,
    p99 = 40,
    acceptP99 = 8,
    reason,
  }: { batchSize?: number; p99?: number; acceptP99?: number; reason?: string } = {},
): SaturationStep {
  return {
    runId: `20261201-101500-${rate}`,
    rate,
    batchSize,
    sentPerSecond: rate,
    acceptMs: { mean: acceptP99 / 2, p99: acceptP99 },
    endToEndMs: { p50: p99 / 2, p99 },
    backlogPerSecond: reason === undefined ? 3 : 900,
    missedStarts: 0,
    holds: reason === undefined,
    reasons: reason === undefined ? [] : [reason],
  }
}
