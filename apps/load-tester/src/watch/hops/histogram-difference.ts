/** How many were counted up to each bound, by Prometheus's text: the bound in the unit of the metric, Infinity at last. */
export type CumulativeCounts = ReadonlyMap<number, number>

/**
 * Reads a histogram from what `/metrics` answers; those of several labels count as one.
 * @returns no bound where it isn't there
 */
export function readHistogram(text: string, name: string): CumulativeCounts {
  const counts = new Map<number, number>()
  const start = `\n${name}_bucket{`
  for (let at = text.indexOf(start); at !== -1; at = text.indexOf(start, at + start.length)) {
    const end = text.indexOf('\n', at + 1)
    const line = text.slice(at, end === -1 ? undefined : end)
    const bound = /[{,]le="([^"]+)"/.exec(line)?.[1]
    const count = Number(/\} (\S+)/.exec(line)?.[1])
    if (bound === undefined || Number.isNaN(count)) continue
    const upTo = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound)
    counts.set(upTo, (counts.get(upTo) ?? 0) + count)
  }
  return counts
}

/**
 * What was counted between two looks, over several apps. One that was started again counts from 0: all that it has is new.
 * @param looks before and now of each app
 */
export function countedBetween(looks: readonly (readonly [CumulativeCounts, CumulativeCounts])[]): CumulativeCounts {
  const sum = new Map<number, number>()
  for (const [before, now] of looks) {
    const restarted = [...now].some(([bound, count]) => count < (before.get(bound) ?? 0))
    for (const [bound, count] of now)
      sum.set(bound, (sum.get(bound) ?? 0) + count - (restarted ? 0 : (before.get(bound) ?? 0)))
  }
  return sum
}

/**
 * Where a percentile lies, in the histogram's unit: within its bucket as if all in there were spread evenly, as Prometheus's
 * histogram_quantile does. Beyond the last bound it is that bound.
 * @returns undefined where nothing was counted
 */
export function percentileOf(counts: CumulativeCounts, percentile: number): number | undefined {
  const bounds = [...counts].sort(([one], [other]) => one - other)
  const all = bounds.at(-1)?.[1] ?? 0
  if (all === 0) return undefined
  const rank = (percentile / 100) * all
  let [below, countBelow] = [0, 0]
  for (const [bound, count] of bounds) {
    if (count >= rank && bound !== Number.POSITIVE_INFINITY)
      return below + ((bound - below) * (rank - countBelow)) / Math.max(count - countBelow, 1)
    if (count >= rank) return below
    ;[below, countBelow] = [bound, count]
  }
  return below
}
