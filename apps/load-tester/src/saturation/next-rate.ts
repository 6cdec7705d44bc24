/** A rate that was tried, in messages a second, and whether the system kept up with it. */
export type TriedRate = { rate: number; holds: boolean }

/** `first`: where to begin; `precision`: the search ends when the rate that is too much is at most so many times the one that holds. */
export type RateSearch = { first: number; precision: number; mostSteps: number }

const upwards = 1.5
const downwards = 2

/**
 * Which rate to try next: upwards until one is too much, downwards until one holds, then the geometric middle of the two. What
 * was too much below a rate that held had its reasons elsewhere, and doesn't count.
 * @returns undefined when the search is over
 */
export function nextRate(tried: readonly TriedRate[], { first, precision, mostSteps }: RateSearch): number | undefined {
  if (tried.length >= mostSteps) return undefined
  if (tried.length === 0) return atLeastOne(first)
  const held = highestHeld(tried)
  const tooMuch = Math.min(...tried.filter(({ rate, holds }) => !holds && rate > held).map(({ rate }) => rate))
  if (held === 0) return tooMuch > 1 ? atLeastOne(tooMuch / downwards) : undefined
  if (tooMuch === Number.POSITIVE_INFINITY) return atLeastOne(held * upwards)
  const middle = atLeastOne(Math.sqrt(held * tooMuch))
  return tooMuch / held <= precision || middle === held || middle === tooMuch ? undefined : middle
}

/** The highest rate that held; 0 where none did. */
export function highestHeld(tried: readonly TriedRate[]): number {
  return Math.max(0, ...tried.filter(({ holds }) => holds).map(({ rate }) => rate))
}

/** In three digits: more would only look exact. */
function atLeastOne(rate: number): number {
  return Math.max(1, Math.round(Number(rate.toPrecision(3))))
}
