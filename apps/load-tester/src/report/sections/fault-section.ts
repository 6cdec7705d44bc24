import { duration } from '../numbers.ts'
import type { Report } from '../report.ts'
import type { ReportSection } from './report-section.ts'

/** What was done to the system during the run. */
export function faultSection({ faults }: Report): ReportSection {
  return {
    title: 'Faults',
    table: {
      head: ['', 'from', 'to'],
      rows: faults.map(({ fault, atMs, endedAtMs }) => [fault, duration(atMs), duration(endedAtMs)]),
    },
    notes: faults.flatMap(({ fault, problem }) => (problem === undefined ? [] : [`${fault}: ${problem}`])),
  }
}
