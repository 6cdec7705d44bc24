import { expect, test } from 'vitest'
import { suggest } from '../src/saturation/suggest.ts'
import { saturationStep } from './saturation-step.ts'

test('of the batch sizes the smallest that is hardly slower than the best, and requests by Little’s law', () => {
  const trials = [
    saturationStep(9_000, { batchSize: 10, p99: 90 }),
    saturationStep(9_000, { batchSize: 100, p99: 46, acceptP99: 25 }),
    saturationStep(9_000, { batchSize: 500, p99: 40 }),
  ]
  // 90 requests a second that take 25 ms are 2.25 at once.
  expect(suggest(9_000, trials)).toMatchObject({ rate: 9_000, batchSize: 100, concurrency: 3 })
})

test('one that did not hold is not suggested, however quick it was', () => {
  const trials = [
    saturationStep(9_000, { batchSize: 10, p99: 5, reason: 'the backlog grows by 900/s' }),
    saturationStep(9_000, { batchSize: 500, p99: 300 }),
  ]
  expect(suggest(9_000, trials)?.batchSize).toBe(500)
  expect(suggest(9_000, trials.slice(0, 1))).toBe(null)
})
