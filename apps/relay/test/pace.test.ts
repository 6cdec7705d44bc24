import { expect, test } from 'vitest'
import { Pace } from '../src/pace.ts'

/** A pace after rounds of `tookMs`. */
function after(rounds: number, tookMs: number, pace = new Pace()): Pace {
  for (let round = 0; round < rounds; round += 1) pace.restMs({ tookMs, caughtUp: true })
  return pace
}

test('where rounds are quick there is no rest, not even behind one that was stalled', () => {
  const pace = after(100, 4)
  expect(pace.restMs({ tookMs: 60, caughtUp: true })).toBe(0)
  expect(pace.restMs({ tookMs: 4, caughtUp: true })).toBe(0)
})

test('where they take long, a relay that has caught up rests as long', () => {
  const pace = after(100, 40)
  expect(pace.restMs({ tookMs: 40, caughtUp: true })).toBeCloseTo(40, 1)
  expect(pace.restMs({ tookMs: 40, caughtUp: false })).toBe(0)
})

test('the rest has a limit, and is over when rounds are quick again', () => {
  const pace = after(100, 5_000)
  expect(pace.restMs({ tookMs: 5_000, caughtUp: true })).toBe(100)
  expect(after(100, 4, pace).restMs({ tookMs: 4, caughtUp: true })).toBe(0)
})
