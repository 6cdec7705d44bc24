import { type LatencySummary, latencyStatistics } from '../latencies.ts'
import { counted, latency, whole } from '../numbers.ts'
import type { Report } from '../report.ts'
import type { ReportSection } from './report-section.ts'

/** How long each hop took. */
export function latencySection({ latencyMs, batches, load }: Report): ReportSection {
  const from = load.model === 'open' ? 'from the time on the timetable' : 'from the send'
  return {
    title: 'Latencies',
    table: {
      head: ['', ...latencyStatistics.map(titleOf)],
      rows: [
        row('accept', latencyMs.accept),
        row('publish', latencyMs.publish),
        row('end to end', latencyMs.endToEnd),
        row('a batch', batches.latencyMs),
      ],
    },
    notes: [
      `accept: ${from} to the 202. publish: from the append to Kafka. end to end: ${from} to the effect. ` +
        `A batch: as accept, but each of the ${whole(batches.count)} requests counts once.`,
      ...belowZero('publish', latencyMs.publish),
      ...belowZero('end to end', latencyMs.endToEnd),
    ],
  }
}

function belowZero(name: string, { negative }: LatencySummary): string[] {
  if (negative === 0) return []
  return [`${name}: ${counted(negative, 'value')} below 0, since two clocks differ; percentiles take them for 0.`]
}

function row(name: string, summary: LatencySummary): string[] {
  return [name, ...latencyStatistics.map((statistic) => (summary.max === 0 ? '–' : latency(summary[statistic])))]
}

/** `p999` is written p99.9. */
function titleOf(statistic: string): string {
  return statistic.replace(/^p99(9+)$/, 'p99.$1')
}
