import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTimetable, messagesIn } from '../src/plan/timetable.ts'

const stage = fc.record({
  durationMs: fc.integer({ min: 1, max: 60 }).map((seconds) => seconds * 1_000),
  fromPerSecond: fc.integer({ min: 1, max: 2_000 }),
  toPerSecond: fc.integer({ min: 1, max: 2_000 }),
})
const stages = fc.array(stage, { minLength: 1, maxLength: 5 })

test('a rate is held from the first message on, and beyond the end', () => {
  const { dueMs } = createTimetable([{ durationMs: 10_000, fromPerSecond: 1_000, toPerSecond: 1_000 }])
  expect([0, 1, 500, 9_999, 10_000, 12_000].map(dueMs)).toEqual([0, 1, 500, 9_999, 10_000, 12_000])
})

test('a ramp is as steep as its ends say', () => {
  const { dueMs } = createTimetable([{ durationMs: 10_000, fromPerSecond: 100, toPerSecond: 300 }])
  // After half of the time the rate is 200, and the mean until then 150.
  expect(dueMs(750)).toBeCloseTo(5_000, 6)
  expect(dueMs(2_000)).toBeCloseTo(10_000, 6)
})

test('due times never fall, and each stage ends with its last message', () => {
  fc.assert(
    fc.property(stages, (stages) => {
      const { dueMs } = createTimetable(stages)
      const messages = messagesIn(stages)
      const step = Math.max(Math.floor(messages / 300), 1)
      for (let message = step; message <= messages; message += step)
        expect(dueMs(message)).toBeGreaterThanOrEqual(dueMs(message - step))
      const ends = stages.map((_, index) => stages.slice(0, index + 1))
      for (const past of ends) {
        const endMs = past.reduce((sum, { durationMs }) => sum + durationMs, 0)
        const exact = past.reduce((sum, s) => sum + ((s.fromPerSecond + s.toPerSecond) / 2) * (s.durationMs / 1_000), 0)
        expect(dueMs(exact)).toBeCloseTo(endMs, 3)
      }
    }),
    { numRuns: 100 },
  )
})
