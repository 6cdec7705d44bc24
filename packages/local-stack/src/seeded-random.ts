/** Random choices that can be made again from their seed. */
export type SeededRandom = {
  /** `min` ≤ whole number ≤ `max` */
  between(min: number, max: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  shuffled<Item>(items: readonly Item[]): Item[]
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
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    between,
    chance: (probability) => next() < probability,
    pick<Item>(items: readonly Item[]) {
      if (items.length === 0) throw new RangeError('there is nothing to pick from')
      return items[between(0, items.length - 1)] as Item
    },
    shuffled(items) {
      const rest = [...items]
      return items.flatMap(() => rest.splice(between(0, rest.length - 1), 1))
    },
  }
}
