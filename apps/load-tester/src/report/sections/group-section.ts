import { duration, latency, whole } from '../numbers.ts'
import type { Report } from '../report.ts'
import type { ReportSection } from './report-section.ts'

/** What the audit found in each group. */
export function groupSection({ groups, drain }: Report): ReportSection {
  const someReplayed = replayedIn(groups) > 0
  const found = ['received', 'lost', 'duplicated', 'out of order', 'corrupt', 'foreign']
  const rows = groups.map(({ name, received, lost, duplicated, outOfOrder, corrupt, foreign, replayed, latencyMs }) => [
    name,
    ...[received, lost, duplicated, outOfOrder, corrupt, foreign, ...(someReplayed ? [replayed] : [])].map(whole),
    ...[latencyMs.p50, latencyMs.p99].map(latency),
  ])
  return {
    title: 'Audit by group',
    table: { head: ['', ...found, ...(someReplayed ? ['replayed'] : []), 'p50', 'p99'], rows },
    notes: [
      ...(rows.length === 0 ? ['no group'] : []),
      ...(groups.some(({ received }) => received > 0)
        ? [`The last effect came ${duration(drain.durationMs)} after the last answer.`]
        : []),
    ],
  }
}

/** Effects that were wanted a second time. */
export function replayedIn(groups: Report['groups']): number {
  return groups.reduce((sum, { replayed }) => sum + replayed, 0)
}
