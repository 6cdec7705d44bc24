import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonError } from '../src/json-error.ts'
import { deepestNesting, JsonReader } from '../src/json-reader.ts'

/** What JSON.parse lets pass and we don't. */
const beyondJson = /double|exact|twice|__proto__|partner|noncharacter|deeper/

test('goes through whatever JSON.stringify writes, pretty-printed or not', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 2, '\t'), (json, space) => {
      const problem = problemOf(JSON.stringify(JSON.parse(json), null, space))
      expect(problem ?? 'twice').toMatch(beyondJson)
    }),
  )
})

test('refuses every text that JSON.parse refuses, and accepts none but what it accepts', () => {
  const mutated = fc
    .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom(...'{}[],:"\\-+.eE019 \n\ttfnu\u0001'), fc.nat(2))
    .map(([json, at, char, remove]) => json.slice(0, at % json.length) + char + json.slice((at % json.length) + remove))
  fc.assert(
    fc.property(mutated, (text) => {
      const problem = problemOf(text)
      if (problem === undefined) expect(() => JSON.parse(text)).not.toThrow()
      else if (!beyondJson.test(problem)) {
        expect(() => JSON.parse(text), `${text}: ${problem}`).toThrow()
      }
    }),
    { numRuns: 3_000 },
  )
})

test('reads strings as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (string, escaped) => {
      const plain = JSON.stringify(string)
      const json = escaped ? plain.replace(/[^ -~]/g, escapeUnit) : plain
      expect(new JsonReader(json).readString()).toBe(string)
    }),
  )
})

test('cuts a value out as it stands there', () => {
  const reader = new JsonReader('{"before": "\\u00e9", "value" : { "a":-0 ,"b" : 1.0e0 , "c":"\\/"} , "after": 1}')
  const values: Record<string, string> = {}
  reader.readObject((name) => {
    reader.peek()
    const start = reader.at
    reader.skipValue()
    values[name] = reader.textSince(start)
  })
  expect(values).toEqual({ before: '"\\u00e9"', value: '{ "a":-0 ,"b" : 1.0e0 , "c":"\\/"}', after: '1' })
})

describe('I-JSON', () => {
  test.each([
    ['a name that appears twice', '{"a":1,"b":2,"a":3}', 'twice'],
    ['a name that appears twice, once escaped', '{"a":1,"\\u0061":3}', 'twice'],
    ['a name that appears twice among many', `{${[...Array(50).keys(), 7].map((n) => `"${n}":0`)}}`, 'twice'],
    ['__proto__', '{"a":{"__proto__":1}}', '__proto__'],
    ['__proto__, escaped', '{"\\u005f_proto__":1}', '__proto__'],
    ['a lone high surrogate', '"\\ud800"', 'partner'],
    ['a high surrogate before another character', '"\\ud800\\u0041"', 'partner'],
    ['a lone low surrogate', '"\\udc00"', 'partner'],
    ['a noncharacter', '"\\uffff"', 'noncharacter'],
    ['a noncharacter beyond the BMP', '"\\ud83f\\udffe"', 'noncharacter'],
    ['a number larger than any double', '1e400', 'double'],
    ['a number smaller than any double', '-1E+400', 'double'],
    ['a long number larger than any double', '9'.repeat(400), 'double'],
    ['2^53', '9007199254740992', 'exact'],
    ['-2^53 - 1', '-9007199254740993', 'exact'],
  ])('refuses %s', (_what, text, problem) => {
    expect(problemOf(text)).toContain(problem)
  })

  test.each([
    '9007199254740991',
    '-9007199254740991',
    '-0',
    '1e308',
    '1e-400',
    '3.14159265358979323846264338327950288',
    '"\\u0000"',
    '"\\ud83d\\ude00"',
    '{"a":{"a":{"a":1}}}',
    '{"":0}',
  ])('accepts %s', expectAccepted)
})

test.each([
  ['', 'missing'],
  ['nul', 'no JSON value'],
  ['01', 'nothing behind'],
  ['1.', 'digit'],
  ['-', 'digit'],
  ['1e', 'digit'],
  ['"a', 'no end'],
  ['"a\\"', 'no end'],
  ['"a\\x"', 'escape'],
  ['"\\u12g4"', 'hexadecimal'],
  ['"a\nb"', 'control character'],
  ['[1 2]', 'expected "," or "]"'],
  ['[1,]', 'no JSON value'],
  ['{"a" 1}', 'expected ":"'],
  ['{a:1}', 'expected a string'],
  ['{"a":1,}', 'expected a string'],
  ["'a'", 'no JSON value'],
  ['NaN', 'no JSON value'],
  ['\u00a01', 'no JSON value'],
])('refuses %j', (text, problem) => {
  expect(problemOf(text)).toContain(problem)
})

test('has a limit of nesting, however deep the text goes', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  expectAccepted(nested(deepestNesting))
  for (const levels of [deepestNesting + 1, 5_000, 100_000]) expect(problemOf(nested(levels))).toContain('deeper')
  expect(problemOf('{"a":'.repeat(100_000))).toContain('deeper')
})

test('says where it went wrong', () => {
  const text = '{"a": [0, {"b": [true, 1e999]}]}'
  const error = errorOf(text)
  expect(error?.path).toEqual(['a', 1, 'b', 1])
  expect(text.slice(error?.offset)).toMatch(/^1e999/)
})

function expectAccepted(text: string): void {
  expect(problemOf(text), text.slice(0, 200)).toBeUndefined()
}

function problemOf(text: string): string | undefined {
  return errorOf(text)?.message
}

function errorOf(text: string): JsonError | undefined {
  const reader = new JsonReader(text)
  try {
    reader.skipValue()
    reader.expectEnd()
    return undefined
  } catch (error) {
    if (error instanceof JsonError) return error
    throw error
  }
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
