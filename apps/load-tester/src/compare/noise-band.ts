/** How sure a figure is of which a run has had `blocks` looks: its standard error, as a share of it. */
export type Certainty = { error: number; blocks: number }

const leastBlocks = 5
const mostBlocks = 20
/** Values a block, where there are enough: what happens in a second still shows in the next ones. */
const usualLength = 3
/** Student's t for 99 % on both sides, from 3 degrees of freedom on: one each is spent on the mean and on the slope. */
const quantiles = [
  5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.25, 3.169, 3.106, 3.055, 3.012, 2.977, 2.947, 2.921, 2.898, 2.878, 2.861,
]

/**
 * The standard error of the mean of values that depend on their neighbours, as those of a run over time do. Successive
 * values are put together to blocks, and the spread of the blocks' means is what counts: taken one by one, the values would
 * promise more than they know. A slope is taken out before, since what grows throughout a run, as a backlog that isn't kept up
 * with, does so each time.
 * @returns undefined where there are fewer than two values for each of five blocks
 */
export function certaintyOf(values: readonly number[]): Certainty | undefined {
  const blocks = Math.min(Math.max(Math.floor(values.length / usualLength), leastBlocks), mostBlocks)
  const length = Math.floor(values.length / blocks)
  const mean = meanOf(values)
  if (length < 2 || mean === 0) return undefined
  const level = withoutSlope(values)
  const means = Array.from({ length: blocks }, (_, block) => meanOf(level.slice(block * length, (block + 1) * length)))
  const variance = means.reduce((sum, value) => sum + (value - meanOf(means)) ** 2, 0) / (blocks - 2)
  return { error: Math.sqrt(variance / blocks) / Math.abs(mean), blocks }
}

/** How far two figures may differ by chance, in their unit: in 99 of 100 comparisons of runs that are alike they differ less. */
export function noiseBand(one: { value: number } & Certainty, other: { value: number } & Certainty): number {
  const quantile = quantiles[Math.min(one.blocks, other.blocks) - leastBlocks] ?? 0
  return quantile * Math.hypot(one.value * one.error, other.value * other.error)
}

/** By least squares. */
function withoutSlope(values: readonly number[]): number[] {
  const [mean, middle] = [meanOf(values), (values.length - 1) / 2]
  const rise = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0)
  const run = values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0)
  return values.map((value, index) => value - (index - middle) * (rise / run))
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
