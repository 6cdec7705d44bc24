import { latency, whole } from '../report/numbers.ts'
import type { SaturationReport, SaturationStep } from './saturation-report.ts'

/** Of the highest rate: what is left is for a bad moment. */
export const suggestedShare = 0.9

/** How much slower than the best a smaller batch may be. */
const tolerance = 1.2

/**
 * What to run the system with: the smallest batch size that held and is hardly slower than the best, and as many requests in flight as
 * are due while the slowest hundredth of them is answered (Little's law).
 * @param trials at the suggested rate, one for each batch size
 * @returns null where none of them held
 */
export function suggest(rate: number, trials: readonly SaturationStep[]): SaturationReport['suggestion'] {
  const held = trials.filter(({ holds }) => holds)
  const best = Math.min(...held.map(({ endToEndMs }) => endToEndMs.p99))
  const chosen = held
    .toSorted((one, other) => one.batchSize - other.batchSize)
    .find(({ endToEndMs }) => endToEndMs.p99 <= best * tolerance)
  if (chosen === undefined) return null
  const { batchSize, acceptMs } = chosen
  const perSecond = rate / batchSize
  const concurrency = Math.max(1, Math.ceil(perSecond * (acceptMs.p99 / 1_000)))
  const why =
    `batches of ${whole(batchSize)} had an end to end p99 of ${latency(chosen.endToEndMs.p99)}, the best ${latency(best)}; ` +
    `${whole(perSecond)} requests a second, answered within ${latency(acceptMs.p99)}, are ${concurrency} at once`
  return { rate, batchSize, concurrency, why }
}
