import { expect, test } from 'vitest'
import { createProducerRing } from '../src/send/producer-ring.ts'

function ringOf(...producers: string[]) {
  const clock = { ms: 0 }
  const ring = createProducerRing(producers, { firstMs: 100, ceilingMs: 1_000, probeMs: 5_000 }, () => clock.ms)
  return { clock, ring, turns: (count: number) => Array.from({ length: count }, () => ring.next()) }
}

test('producers take turns', () => {
  expect(ringOf('a', 'b', 'c').turns(4)).toEqual(['a', 'b', 'c', 'a'])
})

test('a batch goes to another producer than the last time, where there is one', () => {
  const { ring } = ringOf('a', 'b')
  expect(ring.next('a')).toBe('b')
  expect(ringOf('a').ring.next('a')).toBe('a')
})

test('a producer that fails rests, for longer each time, and is then tried by one batch', () => {
  const { clock, ring, turns } = ringOf('a', 'b', 'c')
  ring.failed('b')
  expect(turns(3)).toEqual(['a', 'c', 'a'])
  clock.ms = 100
  expect(turns(4)).toEqual(['b', 'c', 'a', 'c'])
  ring.failed('b')
  clock.ms = 250
  expect(turns(2)).toEqual(['a', 'c'])
  clock.ms = 300
  expect(turns(2)).toEqual(['a', 'b'])
  ring.succeeded('b')
  expect(turns(3)).toEqual(['c', 'a', 'b'])
})

test("while all rest it is nobody's turn; a producer rests as long as it asks", () => {
  const { clock, ring } = ringOf('a', 'b')
  ring.failed('a', 60_000)
  ring.failed('b')
  expect(ring.next()).toBeUndefined()
  clock.ms = 100
  expect(ring.next('b')).toBe('b')
  expect(ring.next()).toBeUndefined()
  ring.succeeded('b')
  expect(ring.next('b')).toBe('b')
  clock.ms = 60_000
  expect(ring.next('b')).toBe('a')
})
