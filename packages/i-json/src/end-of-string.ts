import { JsonError } from './json-error.ts'

/**
 * Where the string ends whose opening quote stands at `start`: behind its closing quote. Goes character by character,
 * so it is for strings with escapes, or in texts with control characters.
 * @throws {JsonError} for control characters, wrong escapes, unpaired surrogates and noncharacters
 * @see RFC 8259, 7; RFC 7493, 2.1
 */
export function endOfString(text: string, start: number): number {
  let at = start + 1
  for (;;) {
    const char = text[at]
    if (char === undefined) throw new JsonError('the string has no end', start)
    if (char === '"') return at + 1
    if (char === '\\') at = endOfEscape(text, at)
    else if (char >= ' ') at += 1
    else throw new JsonError('a control character in a string must be escaped', at)
  }
}

function endOfEscape(text: string, start: number): number {
  const kind = text[start + 1] ?? ''
  if (kind === 'u') return endOfCodePoint(text, start)
  if (kind === '' || !'"\\/bfnrt'.includes(kind)) throw new JsonError('there is no such escape', start)
  return start + 2
}

function endOfCodePoint(text: string, start: number): number {
  const unit = codeUnit(text, start)
  const low = isHighSurrogate(unit) && text.startsWith('\\u', start + 6) ? codeUnit(text, start + 6) : undefined
  const character = low === undefined ? String.fromCharCode(unit) : String.fromCharCode(unit, low)
  if (!character.isWellFormed()) throw new JsonError('this surrogate has no partner', start)
  if (/\p{Noncharacter_Code_Point}/u.test(character)) throw new JsonError('this code point is a noncharacter', start)
  return low === undefined ? start + 6 : start + 12
}

function codeUnit(text: string, start: number): number {
  const digits = text.slice(start + 2, start + 6)
  if (!/^[0-9A-Fa-f]{4}$/.test(digits)) throw new JsonError('\\u needs four hexadecimal digits', start)
  return Number.parseInt(digits, 16)
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
