import { expect, test } from 'vitest'
import { createRunPace } from '../../src/watch/run-pace.ts'
import { someSample } from './some-sample.ts'

const at = (atMs: number, sent: number, applied = sent) => ({ ...someSample, atMs, sent, applied: { a: applied } })

test('while messages are sent: the rate now and on average, and the time until all are', () => {
  const paceOf = createRunPace()
  expect(paceOf(at(0, 0))).toEqual({ share: 0, nowPerSecond: 0, meanPerSecond: 0, leftMs: undefined })
  paceOf(at(1_000, 100_000))
  expect(paceOf(at(2_000, 400_000))).toEqual({
    share: 0.4,
    nowPerSecond: 300_000,
    meanPerSecond: 200_000,
    leftMs: 3_000,
  })
})

test('what was refused is settled as well', () => {
  const paceOf = createRunPace()
  paceOf(at(0, 0))
  expect(paceOf({ ...at(1_000, 250_000), failed: 250_000 })).toMatchObject({ share: 0.5, leftMs: 1_000 })
})

test('while effects are awaited the slowest group counts, and the mean stays that of the sending', () => {
  const paceOf = createRunPace()
  paceOf(at(0, 0))
  paceOf({ ...at(1_000, 1_000_000), applied: { a: 400_000, b: 200_000 } })
  const pace = paceOf({ ...at(3_000, 1_000_000), phase: 'applying', applied: { a: 1_000_000, b: 600_000 } })
  expect(pace).toEqual({ share: 0.6, nowPerSecond: 200_000, meanPerSecond: 1_000_000, leftMs: 2_000 })
})

test('while nothing moves there is no telling how long', () => {
  const paceOf = createRunPace()
  paceOf(at(1_000, 1_000, 10))
  expect(paceOf({ ...at(2_000, 1_000, 10), phase: 'applying' }).leftMs).toBeUndefined()
})

test('where the time is given, that is what is left of', () => {
  const timed = { ...at(15_000, 10), messages: undefined, lastsMs: 60_000 }
  expect(createRunPace()(timed)).toMatchObject({ share: 0.25, leftMs: 45_000 })
})
