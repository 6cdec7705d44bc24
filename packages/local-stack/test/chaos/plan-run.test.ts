import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allFaults } from '../../../../scripts/chaos/all-faults.ts'
import { planRun, type RunPlan } from '../../../../scripts/chaos/plan-run.ts'

const seeds = fc.nat(999_999_999)
const faultLists = fc.subarray([...allFaults], { minLength: 1 })

const written = ({ steps }: RunPlan) =>
  steps.map(({ fault, details, lastsMs, pauseMs }) => `${fault.name}: ${details} (${lastsMs}, after ${pauseMs})`)

test('the same seed, minutes and faults make the same run', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 60 }), faultLists, (seed, minutes, faults) => {
      expect(written(planRun({ seed, minutes, faults }))).toEqual(written(planRun({ seed, minutes, faults })))
    }),
  )
})

test('in twenty minutes each fault is drawn at least once, whatever the seed', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 20, max: 60 }), (seed, minutes) => {
      const { steps, leftOut } = planRun({ seed, minutes, faults: allFaults })
      expect(leftOut).toEqual([])
      expect(new Set(steps.map(({ fault }) => fault))).toEqual(new Set(allFaults))
    }),
  )
})

test('each fault is either drawn or named as left out, and the minutes are kept', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 30 }), faultLists, (seed, minutes, faults) => {
      const { steps, leftOut } = planRun({ seed, minutes, faults })
      expect(new Set([...steps.map(({ fault }) => fault), ...leftOut])).toEqual(new Set(faults))
      expect(steps.length + leftOut.length).toBeGreaterThanOrEqual(faults.length)
      expect(steps.reduce((sum, { lastsMs, pauseMs }) => sum + lastsMs + pauseMs, 0)).toBeLessThanOrEqual(
        minutes * 60_000,
      )
    }),
  )
})

test('other seeds draw otherwise', () => {
  const first = written(planRun({ seed: 1, minutes: 20, faults: allFaults }))
  expect(written(planRun({ seed: 2, minutes: 20, faults: allFaults }))).not.toEqual(first)
})

test('names are those of the files, and each number of the list is a fault’s at most by name', () => {
  expect(new Set(allFaults.map(({ name }) => name)).size).toBe(allFaults.length)
  for (const { name, numbers } of allFaults) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(numbers.length).toBeGreaterThan(0)
    for (const number of numbers) expect(number).toBeLessThanOrEqual(24)
  }
})
