import { whyTesterIsTheLimit } from '../../watch/tester-limit.ts'
import { megabytes } from '../numbers.ts'
import type { Report, ResourceReport } from '../report.ts'
import type { ReportSection } from './report-section.ts'

const figures = ['CPU', 'µs a message', 'memory']

/** What each part of the system used, and whether the tester itself was what limited the run; undefined where nothing was watched. */
export function resourceSection(report: Report): ReportSection | undefined {
  const { resources, resourcesMissing, tester, totals, latencyMs } = report
  const parts = Map.groupBy(resources, ({ part }) => part)
  const why = tester.isTheLimit
    ? whyTesterIsTheLimit({ ...tester, acceptP99Ms: latencyMs.accept.p99, sendingMs: totals.durationMs })
    : undefined
  const notes = [
    ...(resources.length === 0 ? [] : ['Memory: the most that one of them had.']),
    ...(resourcesMissing === undefined ? [] : [resourcesMissing]),
    ...(why === undefined ? [] : [`The tester is the limit: ${why}.`]),
  ]
  if (notes.length === 0) return undefined
  const rows = [...parts].map(([part, all]) => [part, String(all.length), ...figuresOf(all)])
  return { title: 'Resources', table: { head: ['', 'processes', ...figures], rows }, notes }
}

/** The same for each process or container. */
export function processSection({ resources }: Report): ReportSection {
  const rows = resources.map((resource) => [resource.name, ...figuresOf([resource])])
  return { title: 'Resources by process', table: { head: ['', ...figures], rows }, notes: [] }
}

function figuresOf(all: readonly ResourceReport[]): string[] {
  const sum = (value: (resource: ResourceReport) => number) => all.reduce((total, one) => total + value(one), 0)
  return [
    `${(sum(({ cpuMs }) => cpuMs) / 1_000).toFixed(1)} s`,
    sum(({ cpuUsPerMessage }) => cpuUsPerMessage).toFixed(1),
    megabytes(Math.max(...all.map(({ peakMemoryBytes }) => peakMemoryBytes))),
  ]
}
