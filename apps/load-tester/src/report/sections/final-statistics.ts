import { counted, duration, latency, percent, whole } from '../numbers.ts'
import type { Report } from '../report.ts'
import type { ReportSection } from './report-section.ts'

type Pair = readonly [name: string, value: string]

/** What was sent, how, and what became of it. */
export function finalStatistics({ totals, load }: Report): ReportSection {
  return {
    title: 'Final statistics',
    pairs: [
      ['Total Messages', whole(totals.messages)],
      ['Messages Sent', whole(totals.sent)],
      ['Messages Failed', whole(totals.failed)],
      ...some(totals.unknown > 0, ['Messages Unknown', whole(totals.unknown)]),
      ['Success Rate', percent(totals.successRate)],
      ['Total Duration', duration(totals.durationMs)],
      ['Average Throughput', `${whole(totals.throughputPerSecond)} messages/s`],
      ['Load Model', models[load.model]],
      ...some(load.warmUpMs > 0, ['Warm-up', `${duration(load.warmUpMs)}, left out of the latencies`]),
      ...some(load.model === 'open', ['Missed Starts', missedStarts(load)]),
    ],
    notes: [],
  }
}

const models = { closed: 'closed: as fast as answers come', open: 'open: on a timetable, whatever comes back' } as const

function missedStarts({ missedStarts, latestStartMs }: Report['load']): string {
  if (missedStarts === 0) return '0'
  return `${counted(missedStarts, 'batch', 'batches')}, the latest ${latency(latestStartMs)} late`
}

function some(there: boolean, pair: Pair): Pair[] {
  return there ? [pair] : []
}
