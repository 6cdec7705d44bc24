import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerReader, BadAnswerError, type HttpAnswer } from '../src/send/answer-reader.ts'

/** Reads what comes in pieces that end at these places. */
function read(bytes: string | Buffer, cuts: readonly number[] = [], { ended = false } = {}): HttpAnswer | undefined {
  const all = Buffer.from(bytes)
  const reader = new AnswerReader()
  const places = [...new Set([0, ...cuts.map((cut) => cut % all.length), all.length])].sort((a, b) => a - b)
  let answer: HttpAnswer | undefined
  for (const [index, from] of places.slice(0, -1).entries()) {
    expect(answer).toBeUndefined()
    answer = reader.push(all.subarray(from, places[index + 1]))
  }
  return answer ?? (ended ? reader.end() : undefined)
}

const accepted = 'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"accepted":1}'
const chunked =
  'HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nTransfer-Encoding: chunked\r\n\r\n6;x=1\r\n{"deta\r\nC\r\nil":"später"\r\n1\r\n}\r\n0\r\nx: 1\r\n\r\n'
const answers: [string, string, HttpAnswer][] = [
  ['with a length', accepted, { status: 202, text: '{"accepted":1}', retryAfter: undefined, idleMs: 4_000 }],
  [
    'in chunks',
    chunked.replace('C\r\n', 'd\r\n'),
    { status: 503, text: '{"detail":"später"}', retryAfter: '2', idleMs: 4_000 },
  ],
  [
    'behind an interim one',
    `HTTP/1.1 102 Wait\r\n\r\n${accepted}`,
    { status: 202, text: '{"accepted":1}', retryAfter: undefined, idleMs: 4_000 },
  ],
  ['without a body', 'HTTP/1.1 204 Nothing\r\n\r\n', { status: 204, text: '', retryAfter: undefined, idleMs: 4_000 }],
]

test.each(answers)('an answer %s is the same however it is cut', (_, bytes, expected) => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (cuts) => {
      expect(read(bytes, cuts)).toEqual(expected)
    }),
  )
})

test('one reader reads one answer after the other', () => {
  const reader = new AnswerReader()
  for (let nth = 0; nth < 3; nth += 1) expect(reader.push(Buffer.from(accepted))?.status).toBe(202)
})

test('an answer without a length ends with its connection, which is not kept', () => {
  const bytes = 'HTTP/1.1 200 OK\r\n\r\nall of it'
  expect(read(bytes)).toBeUndefined()
  expect(read(bytes, [], { ended: true })).toEqual({ status: 200, text: 'all of it', retryAfter: undefined, idleMs: 0 })
})

test.each([
  ['HTTP/1.1 202 A\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', 0],
  ['HTTP/1.1 202 A\r\nConnection: keep-alive\r\nKeep-Alive: timeout=72\r\nContent-Length: 0\r\n\r\n', 71_000],
  ['HTTP/1.1 202 A\r\nKeep-Alive: timeout=0\r\nContent-Length: 0\r\n\r\n', 0],
  ['HTTP/1.0 202 A\r\nContent-Length: 0\r\n\r\n', 0],
  ['HTTP/1.1 202 A\r\nContent-Length: 0\r\n\r\nmore than was asked for', 0],
])('how long a connection may be kept: %j', (bytes, idleMs) => {
  expect(read(bytes)?.idleMs).toBe(idleMs)
})

test.each([
  'SSH-2.0-OpenSSH\r\n\r\n',
  'HTTP/1.1 999 What\r\n\r\n',
  'HTTP/1.1 202 A\r\nContent-Length: -1\r\n\r\n',
  'HTTP/1.1 202 A\r\nTransfer-Encoding: chunked\r\n\r\nsize\r\n',
  'x'.repeat(70_000),
  `HTTP/1.1 202 A\r\nContent-Length: 2000000\r\n\r\n${'x'.repeat(1_100_000)}`,
])('what is no answer, or has no bounds, is refused: %#', (bytes) => {
  expect(() => read(bytes)).toThrow(BadAnswerError)
})
