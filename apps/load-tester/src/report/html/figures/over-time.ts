import type { Report } from '../../report.ts'
import type { Figure } from '../figure.ts'

/** What all figures over time have in common. */
export function overTime({ faults, timeline }: Report): Pick<Figure, 'faults' | 'across' | 'acrossText' | 'x'> {
  const endMs = timeline.at(-1)?.atMs ?? 0
  return {
    faults,
    across: 'time',
    acrossText: seconds,
    x: { label: 'since the start', type: 'linear', domain: [0, endMs] },
  }
}

/** 14 s, 31.5 s */
export function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}
