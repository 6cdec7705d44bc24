import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planRun } from '../src/plan/run-plan.ts'

const shape = fc.record({
  messages: fc.integer({ min: 1, max: 600 }),
  batchSize: fc.integer({ min: 1, max: 50 }),
  concurrency: fc.integer({ min: 1, max: 20 }),
  keys: fc.integer({ min: 1, max: 40 }),
})

test('batches hold each message once', () => {
  fc.assert(
    fc.property(shape, (shape) => {
      const plan = planRun(shape)
      const sequences: number[] = []
      for (let batch = 0; batch < plan.batches; batch += 1) {
        const { first, count } = plan.batch(batch)
        for (let sequence = first; sequence < first + count; sequence += 1) {
          sequences.push(sequence)
          expect(plan.batchOf(sequence)).toBe(batch)
        }
      }
      expect(sequences).toEqual(Array.from({ length: shape.messages }, (_, n) => n))
    }),
    { numRuns: 50 },
  )
})

test("a key is one worker's, and its sequence counts in the order in which that one sends", () => {
  fc.assert(
    fc.property(shape, (shape) => {
      const plan = planRun(shape)
      const owner = new Map<number, number>()
      const next = new Map<number, number>()
      for (let worker = 0; worker < plan.workers; worker += 1) {
        for (let batch = worker; batch < plan.batches; batch += plan.workers) {
          const { first, count } = plan.batch(batch)
          for (let sequence = first; sequence < first + count; sequence += 1) {
            const key = plan.keyOf(sequence)
            expect(key).toBeGreaterThanOrEqual(0)
            expect(key).toBeLessThan(shape.keys)
            expect(owner.get(key) ?? worker).toBe(worker)
            owner.set(key, worker)
            expect(plan.keySequenceOf(sequence)).toBe(next.get(key) ?? 0)
            next.set(key, plan.keySequenceOf(sequence) + 1)
          }
        }
      }
    }),
    { numRuns: 50 },
  )
})

test('the concurrency is lowered to the keys and to the batches', () => {
  expect(planRun({ messages: 100, batchSize: 10, concurrency: 8, keys: 3 }).workers).toBe(3)
  expect(planRun({ messages: 100, batchSize: 50, concurrency: 8, keys: 1_000 }).workers).toBe(2)
})

test('a run without a number of messages has a worker for each request at once, and can be cut where it ended', () => {
  const plan = planRun({ batchSize: 10, concurrency: 8, keys: 100 })
  const cut = plan.upTo(3)
  expect(cut).toMatchObject({ messages: 30, batches: 3, workers: 8 })
  for (let sequence = 0; sequence < cut.messages; sequence += 1)
    expect([cut.keyOf(sequence), cut.keySequenceOf(sequence)]).toEqual([
      plan.keyOf(sequence),
      plan.keySequenceOf(sequence),
    ])
  expect(planRun({ messages: 25, batchSize: 10, concurrency: 8, keys: 100 }).upTo(9).messages).toBe(25)
})
