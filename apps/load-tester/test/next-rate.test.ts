import fc from 'fast-check'
import { expect, test } from 'vitest'
import { highestHeld, nextRate, type TriedRate } from '../src/saturation/next-rate.ts'

const search = { precision: 1.1, mostSteps: 8 }
/** Rates are tried in three digits. */
const rounding = 1.01

/** Searches in a system of which is known what it bears. */
function searchIn(bears: (rate: number, step: number) => boolean, first: number): TriedRate[] {
  const tried: TriedRate[] = []
  for (;;) {
    const rate = nextRate(tried, { ...search, first })
    if (rate === undefined) return tried
    tried.push({ rate, holds: bears(rate, tried.length) })
  }
}

const capacity = fc.double({ min: 100, max: 1_000_000, noNaN: true })
/** How far off the first guess may be. */
const guess = fc.double({ min: 0.25, max: 8, noNaN: true })

test('what the system bears is found to a tenth, within eight steps', () => {
  fc.assert(
    fc.property(capacity, guess, (capacity, guess) => {
      const tried = searchIn((rate) => rate <= capacity, capacity * guess)
      const held = highestHeld(tried)
      expect(tried.length).toBeLessThanOrEqual(search.mostSteps)
      expect(held).toBeLessThanOrEqual(capacity)
      expect(held).toBeGreaterThan(capacity / (search.precision * rounding))
    }),
  )
})

test('no rate is tried twice, and each is a whole number', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), capacity, (answers, first) => {
      const rates = searchIn((_, step) => answers[step] === true, first).map(({ rate }) => rate)
      expect(new Set(rates).size).toBe(rates.length)
      for (const rate of rates) expect(Number.isInteger(rate) && rate >= 1).toBe(true)
    }),
  )
})

test('one bad moment below what the system bears costs no more than a step', () => {
  fc.assert(
    fc.property(capacity, (capacity) => {
      const tried = searchIn((rate, step) => step !== 0 && rate <= capacity, capacity * 0.9)
      const held = highestHeld(tried)
      expect(held).toBeLessThanOrEqual(capacity)
      expect(held).toBeGreaterThan(capacity / 2)
    }),
  )
})

test('a system that bears nothing is not asked for ever', () => {
  const tried = searchIn(() => false, 4)
  expect(tried.map(({ rate }) => rate)).toEqual([4, 2, 1])
  expect(highestHeld(tried)).toBe(0)
})
