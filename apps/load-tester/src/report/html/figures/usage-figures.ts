import { duration, megabytes, whole } from '../../numbers.ts'
import type { Report, TimelinePoint } from '../../report.ts'
import type { Figure } from '../figure.ts'
import { highest, type Series } from '../series.ts'
import { overTime, seconds } from './over-time.ts'

type Usage = TimelinePoint['usage'][string]

/** CPU and memory over time, by part: what processes of a kind use is added up. */
export function usageFigures(report: Report): Figure[] {
  const cpu = byPart(report, ({ cpuShare }) => cpuShare)
  const memory = byPart(report, ({ memoryBytes }) => memoryBytes / 1_000_000)
  const cores = (y: number) => y.toFixed(2)
  const inMegabytes = (y: number) => megabytes(y * 1_000_000)
  return [
    {
      ...overTime(report),
      title: 'CPU over time',
      finding: cpuFinding(cpu),
      series: cpu,
      valueText: cores,
      y: { label: 'cores', type: 'linear', tickText: String },
    },
    {
      ...overTime(report),
      title: 'Memory over time',
      finding: memoryFinding(memory, inMegabytes),
      series: memory,
      valueText: inMegabytes,
      y: { label: 'MB', type: 'linear', tickText: whole },
    },
  ]
}

type PartSeries = Series & { cpuMs: number }

function byPart({ timeline, resources }: Report, read: (usage: Usage) => number): PartSeries[] {
  const parts = Map.groupBy(resources, ({ part }) => part)
  return [...parts].map(([part, processes]) => ({
    name: processes.length === 1 ? part : `${part} ×${processes.length}`,
    cpuMs: processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    points: timeline.map(({ atMs, usage }) => ({
      x: atMs,
      y: processes.reduce((sum, { name }) => sum + (usage[name] === undefined ? 0 : read(usage[name])), 0),
    })),
  }))
}

/** By what they used in all: the highest moment alone is often that of whoever started last. */
function cpuFinding(parts: readonly PartSeries[]): string {
  const [most] = parts.toSorted((one, other) => other.cpuMs - one.cpuMs)
  const top = most && highest([most])
  if (most === undefined || top === undefined) return 'Nothing was measured.'
  return `${most.name} used the most CPU, ${duration(most.cpuMs)} in all; its highest moment was ${top.y.toFixed(2)} cores at ${seconds(top.x)}.`
}

function memoryFinding(parts: readonly PartSeries[], text: (y: number) => string): string {
  const top = highest(parts)
  return top === undefined
    ? 'Nothing was measured.'
    : `${top.name} held the most memory, ${text(top.y)} at ${seconds(top.x)}.`
}
