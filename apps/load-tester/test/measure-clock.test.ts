import fc from 'fast-check'
import { expect, test } from 'vitest'
import { measureClock } from '../src/audit/measure-clock.ts'

test('the true offset is within the uncertainty, which is half of the quickest round trip and half a millisecond', async () => {
  const trip = fc.record({
    there: fc.double({ min: 0, max: 40, noNaN: true }),
    back: fc.double({ min: 0, max: 40, noNaN: true }),
  })
  const trips = fc.array(trip, { minLength: 9, maxLength: 9 })
  await fc.assert(
    fc.asyncProperty(trips, fc.double({ min: -5_000, max: 5_000, noNaN: true }), async (trips, trueOffset) => {
      let ms = 1_795_000_000_000.25
      const left = [...trips]
      const { offsetMs, uncertaintyMs } = await measureClock(
        async () => {
          const { there, back } = left.shift() ?? expect.unreachable()
          ms += there
          const read = ms + trueOffset
          ms += back
          return read
        },
        { now: () => Math.floor(ms), elapsed: () => ms },
      )
      const quickest = Math.min(...trips.map(({ there, back }) => there + back))
      expect(uncertaintyMs).toBeCloseTo(quickest / 2 + 0.5, 2)
      expect(Math.abs(offsetMs - trueOffset)).toBeLessThanOrEqual(uncertaintyMs + 0.01)
    }),
  )
})
