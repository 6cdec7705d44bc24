import type { Report, TimelinePoint } from '../report.ts'

/** One value. `x`: what the figure has across, such as ms since the run's start. */
export type Point = { x: number; y: number }

/** A line of a figure. */
export type Series = { name: string; points: Point[] }

/** The highest point of all of them, and whose it is; undefined where there is none. */
export function highest(series: readonly Series[]): (Point & { name: string }) | undefined {
  return series
    .flatMap(({ name, points }) => points.map((point) => ({ name, ...point })))
    .reduce<(Point & { name: string }) | undefined>(
      (top, point) => (top === undefined || point.y > top.y ? point : top),
      undefined,
    )
}

/** Messages a second between two points of the time line. */
export function rateOf(timeline: Report['timeline'], countOf: (point: TimelinePoint) => number): Point[] {
  return timeline.map((point, index) => {
    const before = timeline[index - 1]
    const [fromMs, from] = before === undefined ? [0, 0] : [before.atMs, countOf(before)]
    return { x: point.atMs, y: point.atMs > fromMs ? ((countOf(point) - from) * 1_000) / (point.atMs - fromMs) : 0 }
  })
}

/** Every group that took part in it. */
export function groupsOf(timeline: Report['timeline']): string[] {
  return [...new Set(timeline.flatMap(({ applied }) => Object.keys(applied)))]
}
