import { megabytes, whole } from '../../numbers.ts'
import type { Report, TimelinePoint } from '../../report.ts'
import type { Figure } from '../figure.ts'
import { highest, type Series } from '../series.ts'
import { overTime, seconds } from './over-time.ts'

type Usage = TimelinePoint['usage'][string]

/** CPU and memory over time, by part: what processes of a kind use is added up. */
export function usageFigures(report: Report): Figure[] {
  const cpu = byPart(report, ({ cpuShare }) => cpuShare)
  const memory = byPart(report, ({ memoryBytes }) => memoryBytes / 1_000_000)
  return [
    {
      ...overTime(report),
      title: 'CPU over time',
      finding: mostOf(cpu, (y) => `${y.toFixed(2)} cores`, 'used the most CPU, all its processes together'),
      series: cpu,
      valueText: (y) => y.toFixed(2),
      y: { label: 'cores', type: 'linear', tickText: String },
    },
    {
      ...overTime(report),
      title: 'Memory over time',
      finding: mostOf(memory, (y) => megabytes(y * 1_000_000), 'held the most memory, all its processes together'),
      series: memory,
      valueText: (y) => megabytes(y * 1_000_000),
      y: { label: 'MB', type: 'linear', tickText: whole },
    },
  ]
}

function byPart({ timeline, resources }: Report, read: (usage: Usage) => number): Series[] {
  const parts = Map.groupBy(resources, ({ part }) => part)
  return [...parts].map(([part, processes]) => ({
    name: processes.length === 1 ? part : `${part} ×${processes.length}`,
    points: timeline.map(({ atMs, usage }) => ({
      x: atMs,
      y: processes.reduce((sum, { name }) => sum + (usage[name] === undefined ? 0 : read(usage[name])), 0),
    })),
  }))
}

function mostOf(series: readonly Series[], text: (y: number) => string, what: string): string {
  const top = highest(series)
  return top === undefined ? 'Nothing was measured.' : `${top.name} ${what}: ${text(top.y)} at ${seconds(top.x)}.`
}
