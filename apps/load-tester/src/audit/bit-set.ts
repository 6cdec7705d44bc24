/** A set of whole numbers from 0 below a bound, a bit each. */
export type BitSet = {
  has(number: number): boolean
  /** @returns whether it was new */
  add(number: number): boolean
}

/** An empty set of numbers below `bound`. */
export function createBitSet(bound: number): BitSet {
  const words = new Uint32Array(Math.ceil(bound / 32))
  const word = (number: number) => words[number >>> 5] ?? 0
  return {
    has: (number) => (word(number) & (1 << (number & 31))) !== 0,
    add(number) {
      const before = word(number)
      const after = (before | (1 << (number & 31))) >>> 0
      words[number >>> 5] = after
      return after !== before
    },
  }
}
