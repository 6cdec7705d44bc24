import { expect, test } from 'vitest'
import { freshWithin } from '../../src/watch/fresh-within.ts'

test('what is read in time is given', async () => {
  let count = 0
  const read = freshWithin(async () => ++count, 10_000)
  expect([await read(), await read()]).toEqual([1, 2])
})

test('what takes longer holds nobody up, and is not asked for again before it has come', async () => {
  const pending: ((value: number) => void)[] = []
  const read = freshWithin(() => new Promise<number>((resolve) => pending.push(resolve)), 5)
  expect([await read(), await read()]).toEqual([undefined, undefined])
  expect(pending).toHaveLength(1)
  pending[0]?.(7)
  expect(await read()).toBe(7)
  expect(await read()).toBe(7)
  expect(pending).toHaveLength(2)
})

test('what fails leaves what was read before', async () => {
  const results = [Promise.resolve(3), Promise.reject(new Error('away'))]
  const read = freshWithin(() => results.shift() ?? Promise.resolve(4), 10_000)
  expect([await read(), await read(), await read()]).toEqual([3, 3, 4])
})
