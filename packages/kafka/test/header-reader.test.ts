import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HeaderReader } from '../src/header-reader.ts'

type Header = readonly [name: string, value: string | null]

/** As Kafka writes them: their number, and each name and value behind its length, by zigzag varints; no value: −1. */
function written(headers: readonly Header[]): Buffer {
  const parts = headers.flatMap(([name, value]) => [
    ...lengthAnd(name),
    ...(value === null ? [varint(-1)] : lengthAnd(value)),
  ])
  return Buffer.concat([varint(headers.length), ...parts])
}

function lengthAnd(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  return [varint(bytes.length), bytes]
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

/** Few names, so that records agree in some and differ in others. */
const name = fc.constantFrom('a', 'b', 'outbox-place', 'loadtest', 'größe', '', 'constructor', 'x'.repeat(300))
const value = fc.option(fc.string({ unit: 'grapheme', maxLength: 200 }))
const records = fc.array(fc.array(fc.tuple(name, value), { maxLength: 40 }), { maxLength: 20 })

test('headers of any records are read as they were written, the last of a name', () => {
  fc.assert(
    fc.property(records, fc.nat(9), (records, before) => {
      const reader = new HeaderReader()
      for (const headers of records) {
        const bytes = Buffer.concat([Buffer.alloc(before), written(headers), Buffer.from('what follows')])
        expect(reader.read(bytes, before)).toEqual(
          Object.fromEntries(headers.map(([name, value]) => [name, value ?? ''])),
        )
      }
    }),
  )
})

test('a header called __proto__ leaves the others alone', () => {
  const headers = new HeaderReader().read(
    written([
      ['__proto__', 'x'],
      ['a', 'b'],
    ]),
    0,
  )
  expect(Object.getPrototypeOf(headers)).toBe(Object.prototype)
  expect(headers.a).toBe('b')
})
