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
    notes: ['What ends by a clock that is ahead seems to take so much longer, and by one that is behind so much less.'],
  }
}

/** Less than that is lost in what else makes a latency. */
const leastMs = 1

/** Whether some clock is surely so far off that it shows in the latencies. */
export function clocksMatter({ clocks }: Report): boolean {
  return clocks.some(({ offsetMs, uncertaintyMs }) => Math.abs(offsetMs) - uncertaintyMs > leastMs)
}
