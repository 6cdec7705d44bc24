import { expect, test } from 'vitest'
import { whyTesterIsTheLimit } from '../../src/watch/tester-limit.ts'
import { measureTester } from '../../src/watch/tester-load.ts'

const calm = { loopDelayP99Ms: 3, cpuShare: 0.2, acceptP99Ms: 12, sendingMs: 60_000 }

test('a tester with time to spare is not the limit', () => {
  expect(whyTesterIsTheLimit(calm)).toBeUndefined()
  // Late, but by little of what it measures, or by too little to tell from the scheduler.
  expect(whyTesterIsTheLimit({ ...calm, loopDelayP99Ms: 30, acceptP99Ms: 600 })).toBeUndefined()
  expect(whyTesterIsTheLimit({ ...calm, loopDelayP99Ms: 10, acceptP99Ms: 12 })).toBeUndefined()
})

test('a core that is full, or a loop as late as half of what is measured, is', () => {
  expect(whyTesterIsTheLimit({ ...calm, cpuShare: 0.93 })).toContain('0.93 of the one core')
  expect(whyTesterIsTheLimit({ ...calm, loopDelayP99Ms: 40, acceptP99Ms: 70 })).toContain('40.0 ms late (p99)')
})

test('the first seconds say nothing', () => {
  expect(whyTesterIsTheLimit({ ...calm, cpuShare: 1, sendingMs: 900 })).toBeUndefined()
})

test('a busy process is measured as one: its share of a core, and how late its loop is', async () => {
  const load = measureTester()
  const block = () => {
    for (const end = performance.now() + 60; performance.now() < end; );
  }
  for (let round = 0; round < 10; round += 1) {
    block()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const { loopDelayMs, cpuShare } = load.sample()
  expect(loopDelayMs).toBeGreaterThan(40)
  expect(cpuShare).toBeGreaterThan(0)
  const total = load.total()
  expect(total.loopDelayP99Ms).toBeGreaterThan(40)
  await new Promise((resolve) => setTimeout(resolve, 100))
  // A new interval doesn't know of the one before.
  expect(load.sample().cpuShare).toBeLessThan(total.cpuShare)
  load.end()
})
