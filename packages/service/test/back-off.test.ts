import { expect, test } from 'vitest'
import { backOffMs } from '../src/back-off.ts'

test('the bound doubles up to the ceiling', () => {
  const bounds = [1, 2, 3, 4, 5, 1_000].map((attempt) =>
    backOffMs(attempt, { firstMs: 100, ceilingMs: 1_000, random: () => 0.999_999 }),
  )
  expect(bounds).toEqual([99, 199, 399, 799, 999, 999])
})

test('the wait is anywhere below the bound', () => {
  expect(backOffMs(3, { firstMs: 100, ceilingMs: 1_000, random: () => 0 })).toBe(0)
  expect(backOffMs(3, { firstMs: 100, ceilingMs: 1_000, random: () => 0.5 })).toBe(200)
})

test('an attempt below 1 is a mistake', () => {
  for (const attempt of [0, -1, Number.NaN]) {
    expect(() => backOffMs(attempt, { firstMs: 1, ceilingMs: 1 })).toThrow(RangeError)
  }
})
