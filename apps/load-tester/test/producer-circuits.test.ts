import { expect, test } from 'vitest'
import { createProducerCircuits } from '../src/send/producer-circuits.ts'

function circuitsOf(...producers: string[]) {
  const clock = { ms: 0 }
  const circuits = createProducerCircuits(producers, { firstMs: 100, ceilingMs: 1_000, probeMs: 5_000 }, () => clock.ms)
  return { clock, circuits, turns: (count: number) => Array.from({ length: count }, () => circuits.next()) }
}

test('producers take turns', () => {
  expect(circuitsOf('a', 'b', 'c').turns(4)).toEqual(['a', 'b', 'c', 'a'])
})

test('a batch goes to another producer than the last time, where there is one', () => {
  const { circuits } = circuitsOf('a', 'b')
  expect(circuits.next('a')).toBe('b')
  expect(circuitsOf('a').circuits.next('a')).toBe('a')
})

test('a producer that fails rests, for longer each time, and is then tried by one batch', () => {
  const { clock, circuits, turns } = circuitsOf('a', 'b', 'c')
  circuits.failed('b')
  expect(turns(3)).toEqual(['a', 'c', 'a'])
  clock.ms = 100
  expect(turns(4)).toEqual(['b', 'c', 'a', 'c'])
  circuits.failed('b')
  clock.ms = 250
  expect(turns(2)).toEqual(['a', 'c'])
  clock.ms = 300
  expect(turns(2)).toEqual(['a', 'b'])
  circuits.succeeded('b')
  expect(turns(3)).toEqual(['c', 'a', 'b'])
})

test("while all rest it is nobody's turn; a producer rests as long as it asks", () => {
  const { clock, circuits } = circuitsOf('a', 'b')
  circuits.failed('a', 60_000)
  circuits.failed('b')
  expect(circuits.next()).toBeUndefined()
  clock.ms = 100
  expect(circuits.next('b')).toBe('b')
  expect(circuits.next()).toBeUndefined()
  circuits.succeeded('b')
  expect(circuits.next('b')).toBe('b')
  clock.ms = 60_000
  expect(circuits.next('b')).toBe('a')
})

test('requests that were under way together and fail together are one failure', () => {
  const { clock, circuits, turns } = circuitsOf('a', 'b')
  for (let request = 0; request < 20; request += 1) circuits.failed('b')
  clock.ms = 100
  expect(turns(2)).toEqual(['a', 'b'])
})

test('a circuit is closed, open after a failure, half-open while one batch tries', () => {
  const { clock, circuits } = circuitsOf('a')
  const circuit = () => circuits.list().map(({ producer, circuit }) => `${producer} ${circuit}`)
  expect(circuit()).toEqual(['a closed'])
  circuits.failed('a')
  expect(circuit()).toEqual(['a open'])
  clock.ms = 100
  expect(circuit()).toEqual(['a open'])
  circuits.next()
  expect(circuit()).toEqual(['a half-open'])
  circuits.failed('a')
  expect(circuit()).toEqual(['a open'])
  clock.ms = 300
  circuits.next()
  circuits.succeeded('a')
  expect(circuit()).toEqual(['a closed'])
})

test('a producer that joins takes its turns', () => {
  const { circuits, turns } = circuitsOf('a')
  circuits.join('b')
  expect(turns(3)).toEqual(['a', 'b', 'a'])
})
