/**
 * Numbers that look random and are always the same.
 * @param seed a whole number
 * @returns gives the next number, from 0 to below 1
 */
export function createRandom(seed: number): () => number {
  let counter = seed
  return () => {
    counter += 1
    return mix(counter) / 2 ** 32
  }
}

/** Spreads a whole number over all of 32 bits, unsigned: neighbours have nothing in common. */
export function mix(number: number): number {
  let bits = Math.imul(number + 0x9e3779b9, 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 15), 0xc2b2ae35)
  bits = Math.imul(bits ^ (bits >>> 13), 0x27d4eb2f)
  return (bits ^ (bits >>> 16)) >>> 0
}
