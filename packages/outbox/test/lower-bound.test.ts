import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lowerBound } from '../src/lower-bound.ts'

test('among numbers with gaps, the boundary parts those before from those that have reached it', async () => {
  const numbers = fc.uniqueArray(fc.bigInt({ min: 1n, max: 10_000n }), { maxLength: 50 })
  await fc.assert(
    fc.asyncProperty(numbers, fc.bigInt({ min: 0n, max: 10_001n }), async (given, limit) => {
      const sorted = given.toSorted((a, b) => (a < b ? -1 : 1))
      let probes = 0
      const found = await lowerBound({
        low: sorted[0] ?? 1n,
        high: 10_001n,
        probe: async (from) => {
          probes += 1
          const at = sorted.find((number) => number >= from)
          return at === undefined ? undefined : { at, reached: at >= limit }
        },
      })
      expect(sorted.filter((number) => number < found)).toEqual(sorted.filter((number) => number < limit))
      expect(probes).toBeLessThanOrEqual(15)
    }),
  )
})
