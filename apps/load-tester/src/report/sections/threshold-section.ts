import type { Report } from '../report.ts'
import type { ReportSection } from './report-section.ts'

/** What the run had to keep to, and what it came to. */
export function thresholdSection({ thresholds }: Report): ReportSection {
  const rows = thresholds.map(({ expression, value, passed }) => [
    `${passed ? '✔' : '✘'} ${expression}`,
    value === null ? 'not measured' : String(value),
  ])
  return { title: 'Thresholds', table: { head: ['', 'value'], rows }, notes: [] }
}
