import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePlaces, formatPlace, parsePlace } from '../src/place.ts'

const number = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })
const place = fc.record({ n: number, id: number })
const log = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 12, maxLength: 12 })

test('a place is written as log/shard/n.id', () => {
  expect(formatPlace({ log: '0511ece92d83', shard: 7, n: 1_795_493_134_060n, id: 42n })).toBe(
    '0511ece92d83/7/1795493134060.42',
  )
})

test('what is written is read again', () => {
  fc.assert(
    fc.property(log, fc.nat({ max: 15 }), place, (log, shard, { n, id }) => {
      expect(parsePlace(formatPlace({ log, shard, n, id }))).toEqual({ log, shard, n, id })
    }),
  )
})

test.each([
  '',
  'a/b/c',
  '0511ece92d83/7/1',
  '0511ece92d83/7/1.2 ',
  '0511ECE92D83/7/1.2',
  '0511ece92d83/-1/1.2',
  '0511ece92d83/07/1.2',
])('no place: "%s"', (text) => expect(parsePlace(text)).toBeUndefined())

const written = /^([0-9a-f]{12})\/(0|[1-9]\d{0,4})\/(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})$/

test('what reads as a place is one by this expression, however it was altered', () => {
  const alteration = fc.record({
    at: fc.nat(60),
    cut: fc.nat(2),
    insert: fc.constantFrom('', '0', '9', '/', '.', 'a', 'g', '-', ' '),
  })
  fc.assert(
    fc.property(
      log,
      fc.nat({ max: 99_999 }),
      place,
      fc.array(alteration, { maxLength: 3 }),
      (log, shard, at, alterations) => {
        let text = formatPlace({ log, shard, ...at })
        for (const { at, cut, insert } of alterations) text = text.slice(0, at) + insert + text.slice(at + cut)
        const [, ofLog, ofShard, n, id] = written.exec(text) ?? []
        const expected =
          ofLog && n && id ? { log: ofLog, shard: Number(ofShard), n: BigInt(n), id: BigInt(id) } : undefined
        expect(parsePlace(text)).toEqual(expected)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('places are ordered by batch, then by id', () => {
  fc.assert(
    fc.property(place, place, (a, b) => {
      const expected = a.n === b.n ? a.id - b.id : a.n - b.n
      expect(Math.sign(comparePlaces(a, b))).toBe(expected < 0n ? -1 : expected > 0n ? 1 : 0)
    }),
  )
})
