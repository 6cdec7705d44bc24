/** The first and the longest wait; `random` gives numbers in [0, 1). */
export type BackOff = { firstMs: number; ceilingMs: number; random?: () => number }

/**
 * Wait before attempt `attempt + 1`, after `attempt` failed (the first is 1): the bound doubles from `firstMs` up to
 * `ceilingMs`, and the wait is anywhere below it (full jitter), so that many who failed together don't return together.
 * @returns milliseconds
 * @throws {RangeError} when `attempt` is below 1
 * @see "Exponential Backoff And Jitter", AWS Architecture Blog, 2015
 */
export function backOffMs(attempt: number, { firstMs, ceilingMs, random = Math.random }: BackOff): number {
  if (!(attempt >= 1)) throw new RangeError(`attempt is ${attempt}; the first one is 1`)
  return Math.floor(random() * Math.min(ceilingMs, firstMs * 2 ** (attempt - 1)))
}
