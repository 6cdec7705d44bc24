import type { Layout } from '@outbox/service/text-layout'
import type { UsagePart } from '../watch/run-sample.ts'
import { whyTesterIsTheLimit } from '../watch/tester-limit.ts'
import { whole } from './numbers.ts'
import type { Report, ResourceReport } from './report.ts'

/** What each part of the system used, and whether the tester itself was what limited the run; nothing where nothing was watched. */
export function resourceLines(report: Report, layout: Layout): string[] {
  const { resources, resourcesMissing, tester, totals, latencyMs } = report
  const parts = Map.groupBy(resources, ({ part }) => part)
  const rows = [...parts].map(([part, all]) => rowOf(part, all))
  const why = tester.isTheLimit
    ? whyTesterIsTheLimit({ ...tester, acceptP99Ms: latencyMs.accept.p99, sendingMs: totals.durationMs })
    : undefined
  return [
    ...(rows.length === 0 ? [] : layout.table(['', 'processes', 'CPU', 'µs a message', 'memory'], rows)),
    ...(rows.length === 0 ? [] : layout.text('Memory: the most that one of them had.')),
    ...(resourcesMissing === undefined ? [] : layout.text(resourcesMissing)),
    ...(why === undefined ? [] : layout.text(`The tester is the limit: ${why}.`)),
  ]
}

function rowOf(part: UsagePart, all: readonly ResourceReport[]): string[] {
  const sum = (value: (resource: ResourceReport) => number) => all.reduce((total, one) => total + value(one), 0)
  const megabytes = Math.max(...all.map(({ peakMemoryBytes }) => peakMemoryBytes)) / 1e6
  return [
    part,
    String(all.length),
    `${(sum(({ cpuMs }) => cpuMs) / 1_000).toFixed(1)} s`,
    sum(({ cpuUsPerMessage }) => cpuUsPerMessage).toFixed(1),
    `${whole(megabytes)} MB`,
  ]
}
