import { latency } from '../numbers.ts'
import type { Report } from '../report.ts'
import type { ReportSection } from './report-section.ts'

/** How far clocks are apart: latencies between two of them are no surer than that. */
export function clockSection({ clocks }: Report): ReportSection {
  return {
    title: 'Clocks',
    table: {
      head: ['', 'ahead of ours', 'give or take'],
      rows: clocks.map(({ name, offsetMs, uncertaintyMs }) => [name, latency(offsetMs), latency(uncertaintyMs)]),
    },
    notes: [],
  }
}
