import { expect, test } from 'vitest'
import { createProducerRing } from '../src/send/producer-ring.ts'

function ringOf(...producers: [string, ...string[]]) {
  const clock = { ms: 0 }
  const ring = createProducerRing(producers, { firstMs: 100, ceilingMs: 1_000, probeMs: 5_000 }, () => clock.ms)
  return { clock, ring, turns: (count: number) => Array.from({ length: count }, () => ring.next().producer) }
}

test('producers take turns', () => {
  expect(ringOf('a', 'b', 'c').turns(4)).toEqual(['a', 'b', 'c', 'a'])
})

test('a batch goes to another producer than the last time, where there is one', () => {
  const { ring } = ringOf('a', 'b')
  expect(ring.next('a').producer).toBe('b')
  expect(ringOf('a').ring.next('a')).toEqual({ producer: 'a', waitMs: 0 })
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

test('when all rest, the first to be back is waited for, as long as it asked but no longer than the ceiling', () => {
  const { ring } = ringOf('a', 'b')
  ring.failed('a', 60_000)
  ring.failed('b', 500)
  expect(ring.next()).toEqual({ producer: 'b', waitMs: 500 })
  expect(ringOf('a', 'b').ring.next()).toEqual({ producer: 'a', waitMs: 0 })
})
