/** Random choices that can be made again from their seed. */
export type SeededRandom = {
  /** 0 ≤ whole number < `below` */
  below(below: number): number
  chance(probability: number): boolean
}

/** @see mulberry32, https://github.com/bryc/code/blob/master/jshash/PRNGs.md */
export function seededRandom(seed: number): SeededRandom {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { below: (below) => Math.floor(next() * below), chance: (probability) => next() < probability }
}
