import { duration, latency, percent, whole } from '../numbers.ts'
import type { Report } from '../report.ts'
import type { ReportSection } from './report-section.ts'

/** What each producer that was there did. */
export function producerSection({ producers }: Report): ReportSection {
  const used = producers.filter(({ healthy }) => healthy)
  return {
    title: 'Statistics by producer',
    table: {
      head: ['', 'sent', 'failed', 'unknown', 'success', 'messages/s', 'p50', 'p99', 'max'],
      rows: used.map(({ name, sent, failed, unknown, successRate, throughputPerSecond, latencyMs }) => [
        name,
        whole(sent),
        whole(failed),
        whole(unknown),
        percent(successRate),
        whole(throughputPerSecond),
        ...[latencyMs.p50, latencyMs.p99, latencyMs.max].map(latency),
      ]),
    },
    notes: used.flatMap(({ name, errors, joinedAtMs }) => {
      const joined = joinedAtMs === undefined ? [] : [`${name} joined ${duration(joinedAtMs)} after the start.`]
      const list = Object.entries(errors).map(([code, times]) => `${code} × ${whole(times)}`)
      return list.length === 0 ? joined : [...joined, `Errors of ${name}: ${list.join(', ')}`]
    }),
  }
}
