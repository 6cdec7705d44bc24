import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planRun } from '../src/plan/run-plan.ts'

const shape = fc.record({
  messages: fc.integer({ min: 1, max: 5_000 }),
  batchSize: fc.integer({ min: 1, max: 50 }),
  concurrency: fc.integer({ min: 1, max: 20 }),
  keys: fc.integer({ min: 1, max: 300 }),
  keySkew: fc.double({ min: 0.01, max: 3, noNaN: true }),
})

test("a skewed key is one worker's, and its sequence counts in the order in which that one sends, round after round", () => {
  fc.assert(
    fc.property(shape, fc.integer({ min: 0, max: 2_000_000 }), (shape, anywhere) => {
      // Somewhere in a long run, so that decks are gone through more than once.
      const plan = planRun({ ...shape, messages: anywhere + shape.messages })
      const owner = new Map<number, number>()
      const last = new Map<number, number>()
      const from = Math.floor(anywhere / shape.batchSize / plan.workers) * plan.workers
      for (let worker = 0; worker < plan.workers; worker += 1) {
        for (let batch = from + worker; batch < plan.batches; batch += plan.workers) {
          const { first, count } = plan.batch(batch)
          for (let sequence = first; sequence < first + count; sequence += 1) {
            const key = plan.keyOf(sequence)
            const keySequence = plan.keySequenceOf(sequence)
            if ((owner.get(key) ?? worker) !== worker) throw new Error(`${key} has two workers`)
            owner.set(key, worker)
            const before = last.get(key)
            if (before === undefined ? keySequence < 0 : keySequence !== before + 1) throw new Error(`${key} skips`)
            if (from === 0 && before === undefined && keySequence !== 0) throw new Error(`${key} begins late`)
            last.set(key, keySequence)
            if (key < 0 || key >= shape.keys) throw new Error(`there is no ${key}`)
          }
        }
      }
      expect(owner.size).toBeGreaterThan(0)
    }),
    { numRuns: 30 },
  )
})

test.each([
  [0.5, 100, 20],
  [1, 1_000, 50],
  [1, 100_000, 50],
  [2, 1_000, 50],
  [3, 10, 5],
])('with exponent %d and %i keys each is as frequent as Zipf has it', (keySkew, keys, concurrency) => {
  const plan = planRun({ messages: 1_048_576, batchSize: 64, concurrency, keys, keySkew })
  const counts = new Float64Array(keys)
  for (let sequence = 0; sequence < plan.messages; sequence += 1) {
    const key = plan.keyOf(sequence)
    counts[key] = (counts[key] ?? 0) + 1
  }
  const weights = Array.from({ length: keys }, (_, key) => (key + 1) ** -keySkew)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  for (const [key, weight] of weights.slice(0, 20).entries()) {
    const share = (counts[key] ?? 0) / plan.messages
    expect(Math.abs(share / (weight / total) - 1), `key ${key}: ${share}`).toBeLessThan(0.08)
  }
  const rare = weights.slice(keys / 2).reduce((sum, weight) => sum + weight, 0) / total
  const rareCount = counts.slice(keys / 2).reduce((sum, count) => sum + count, 0) / plan.messages
  expect(Math.abs(rareCount - rare)).toBeLessThan(0.01)
})

test('neighbours in a deck are not the same key again and again', () => {
  const plan = planRun({ messages: 10_000, batchSize: 10, concurrency: 1, keys: 100, keySkew: 1 })
  const keys = Array.from({ length: 1_000 }, (_, sequence) => plan.keyOf(sequence))
  expect(new Set(keys.slice(0, 100)).size).toBeGreaterThan(20)
  expect(keys.filter((key, index) => key === keys[index - 1]).length).toBeLessThan(200)
})

test('no more workers than the most frequent key leaves room for', () => {
  expect(planRun({ messages: 10_000, batchSize: 10, concurrency: 50, keys: 1_000, keySkew: 1 }).workers).toBe(7)
  expect(planRun({ messages: 10_000, batchSize: 10, concurrency: 50, keys: 1_000, keySkew: 3 }).workers).toBe(1)
  expect(planRun({ messages: 10_000, batchSize: 10, concurrency: 50, keys: 1_000, keySkew: 0 }).workers).toBe(50)
})
