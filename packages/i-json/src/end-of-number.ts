import { JsonError } from './json-error.ts'

/**
 * Where the number that begins at `start` ends.
 * @throws {JsonError} for what isn't a number, is larger than any double, or is an integer beyond 2^53 - 1
 * @see RFC 7493, 2.2
 */
export function endOfNumber(text: string, start: number): number {
  let at = text.charCodeAt(start) === minus ? start + 1 : start
  at = text.charCodeAt(at) === zero ? at + 1 : endOfDigits(text, at)
  const integerEnds = at
  if (text.charCodeAt(at) === point) at = endOfDigits(text, at + 1)
  const exponentBegins = at
  if (text.charCodeAt(at) === lowerE || text.charCodeAt(at) === upperE) {
    const sign = text.charCodeAt(at + 1)
    at = endOfDigits(text, sign === minus || sign === plus ? at + 2 : at + 1)
  }
  // Fifteen digits are always exact, and without an exponent nothing so short is too large.
  if (at - start > 15 || at > exponentBegins) check(text.slice(start, at), at === integerEnds, start)
  return at
}

function endOfDigits(text: string, start: number): number {
  let at = start
  for (let char = text.charCodeAt(at); char >= zero && char <= nine; char = text.charCodeAt(at)) at += 1
  if (at === start) throw new JsonError('expected a digit', at)
  return at
}

function check(digits: string, integer: boolean, start: number): void {
  const value = Number(digits)
  if (!Number.isFinite(value)) throw new JsonError('the number is larger than any double: send it as a string', start)
  if (integer && !Number.isSafeInteger(value)) {
    throw new JsonError('an integer beyond 2^53 - 1 is not exact everywhere: send it as a string', start)
  }
}

const minus = 0x2d
const plus = 0x2b
const point = 0x2e
const zero = 0x30
const nine = 0x39
const upperE = 0x45
const lowerE = 0x65
