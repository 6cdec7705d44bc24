import type { Report } from './report/report.ts'

/** What the exit code says. */
export const exitCodes = {
  passed: 0,
  /** Effects were lost, duplicated, reordered or corrupt, or sends failed; or the tester itself did. */
  failed: 1,
  usage: 2,
  /** The audit passed. */
  'threshold-missed': 3,
  nothingToSendTo: 4,
  /** As a shell has it for Ctrl-C. */
  interrupted: 130,
} as const

const worstFirst = ['interrupted', 'failed', 'threshold-missed'] as const

/** That of the worst of the reports: what was lost weighs more than what was slow. */
export function exitCodeOf(reports: readonly Pick<Report, 'verdict'>[]): number {
  const worst = worstFirst.find((verdict) => reports.some((report) => report.verdict === verdict))
  return exitCodes[worst ?? 'passed']
}
