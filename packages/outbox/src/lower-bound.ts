/** The first entry at or behind a number, and whether it lies behind what is looked for; undefined where there is none. */
export type Probe = (from: bigint) => Promise<{ at: bigint; reached: boolean } | undefined>

/**
 * Where `reached` becomes true: bisects numbers that may have gaps, by one probe for each halving.
 * @returns the lowest number from which on all entries have reached it; `high` where none has
 */
export async function lowerBound({ low, high, probe }: { low: bigint; high: bigint; probe: Probe }): Promise<bigint> {
  let [from, to] = [low, high]
  while (from < to) {
    const middle = (from + to) / 2n
    const entry = await probe(middle)
    if (entry === undefined || entry.reached) to = middle
    else from = entry.at + 1n
  }
  return to
}
