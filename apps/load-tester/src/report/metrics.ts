import { type LatencySummary, latencyFigures } from './latencies.ts'
import type { GroupReport, Report } from './report.ts'

/** Takes a figure out of a report; undefined where it wasn't measured. */
export type Metric = { help: string; read: (report: Report) => number | undefined }

const audited = {
  lost: 'messages that were answered 202 and have no effect',
  duplicated: 'effects beyond the first one of a message',
  outOfOrder: 'messages that took effect behind a later one of their key',
  corrupt: 'effects that are not what was sent',
  foreign: 'effects of what was never sent, or was refused',
} as const satisfies Partial<Record<keyof GroupReport, string>>
type Audited = keyof typeof audited

const hops = {
  accept: ({ latencyMs }) => latencyMs.accept,
  publish: ({ latencyMs }) => latencyMs.publish,
  endToEnd: ({ latencyMs }) => latencyMs.endToEnd,
  batch: ({ batches }) => batches.latencyMs,
} as const satisfies Record<string, (report: Report) => LatencySummary>

const others: Record<string, Metric> = {
  throughput: { help: 'messages answered 202 a second', read: ({ totals }) => totals.throughputPerSecond },
  successRate: { help: 'percent of the messages', read: ({ totals }) => totals.successRate },
  sent: { help: 'messages answered 202', read: ({ totals }) => totals.sent },
  failed: { help: 'messages not accepted', read: ({ totals }) => totals.failed },
  unknown: { help: 'messages that took effect once or never', read: ({ totals }) => totals.unknown },
  durationMs: { help: 'from the start to the last answer', read: ({ totals }) => totals.durationMs },
  drainMs: { help: 'from the last answer to the last effect', read: ({ drain }) => drain.durationMs },
  missedStarts: { help: 'batches behind the timetable (--rate)', read: ({ load }) => load.missedStarts },
  cpuUsPerMessage: { help: 'microseconds of CPU a message, of all but the load tester', read: systemCpu },
}

/** Every metric that has a name of its own; those of one group are `GROUP.` and one of `auditedNames`. */
export const metrics: ReadonlyMap<string, Metric> = new Map([
  ...Object.entries(audited).map(([name, help]): [string, Metric] => [
    name,
    { help: `${help}, in all groups`, read: ({ groups }) => sumOf(groups, name as Audited) },
  ]),
  ...Object.entries(hops).flatMap(([hop, summaryOf]) =>
    latencyFigures.map((statistic): [string, Metric] => [
      `${hop}.${statistic}`,
      {
        help: statistic === 'negative' ? 'values below 0' : 'ms',
        read: (report) => measured(summaryOf(report))?.[statistic],
      },
    ]),
  ),
  ...Object.entries(others),
])

export const auditedNames = Object.keys(audited)
export const hopNames = Object.keys(hops)

/** The metric of this name, also one of a group, of which nobody knows before a run whether there is such a group. */
export function findMetric(name: string): Metric | undefined {
  const known = metrics.get(name)
  if (known !== undefined) return known
  const [, group, what] = /^(.+)\.([^.]+)$/.exec(name) ?? []
  if (group === undefined || what === undefined || !isAudited(what)) return undefined
  return {
    help: `${audited[what]}, in ${group}`,
    read: ({ groups }) => groups.find(({ name }) => name === group)?.[what],
  }
}

/** @returns microseconds a message; undefined where no use was measured */
export function systemCpu(report: Report): number | undefined {
  const system = systemResources(report)
  if (system.length === 0) return undefined
  return Math.round(system.reduce((sum, { cpuUsPerMessage }) => sum + cpuUsPerMessage, 0) * 100) / 100
}

/** What the system used, without the tester. */
export function systemResources({ resources }: Report): Report['resources'] {
  return resources.filter(({ part }) => part !== 'load-tester')
}

function isAudited(name: string): name is Audited {
  return Object.hasOwn(audited, name)
}

function sumOf(groups: readonly GroupReport[], name: Audited): number | undefined {
  return groups.length === 0 ? undefined : groups.reduce((sum, group) => sum + group[name], 0)
}

/** A summary is all 0 where nothing was measured, which would be faster than any limit. */
function measured(summary: LatencySummary): LatencySummary | undefined {
  return Object.values(summary).some((ms) => ms !== 0) ? summary : undefined
}
