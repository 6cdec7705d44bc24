import { endOfNumber } from './end-of-number.ts'
import { endOfString } from './end-of-string.ts'
import { JsonError } from './json-error.ts'
import { MemberNames } from './member-names.ts'

/** Values may be nested so deep, the document itself counted. */
export const deepestNesting = 128

/**
 * Goes through a JSON text once, value by value, without building the values: a payload is cut out of the text as it
 * stands there, so its numbers, member order and white space stay what they were. (A message of 256 bytes is read and
 * checked in 2.2-3.0 µs; JSON.parse and writing the payload again takes 1.3-2.9 µs and checks none of what follows.)
 *
 * Each method begins at a value, white space allowed before it, and leaves `at` behind it. Each throws JsonError for
 * broken JSON and for what I-JSON forbids: duplicate names, unpaired surrogates, noncharacters, numbers that doubles
 * can't hold; besides for the name `__proto__` and for nesting that is too deep.
 * @see RFC 8259 (JSON), RFC 7493 (I-JSON)
 */
export class JsonReader {
  at = 0
  readonly #text: string
  readonly #controlCharacters: boolean
  /** Where the next backslash stands: a string that begins and ends before it holds no escape. */
  #backslash: number
  #depth = 0

  /** @param text well formed, as it comes from valid UTF-8 */
  constructor(text: string) {
    this.#text = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: looking for them is the point
    this.#controlCharacters = /[\x00-\x1f]/.test(text)
    this.#backslash = this.#find('\\', 0)
  }

  /** The first character of the value to come; empty at the end of the text. */
  peek(): string {
    return this.#text.charAt(this.#skipSpace())
  }

  /** The text from `start` to where the reader stands. */
  textSince(start: number): string {
    return this.#text.slice(start, this.at)
  }

  /** Nothing but white space may follow. */
  expectEnd(): void {
    if (this.#skipSpace() < this.#text.length) throw new JsonError('expected nothing behind the value', this.at)
  }

  readString(): string {
    const start = this.#skipSpace()
    if (this.#text.charCodeAt(start) !== quote) throw new JsonError('expected a string', start)
    const plain = this.#skipString()
    return plain ? this.#text.slice(start + 1, this.at - 1) : JSON.parse(this.textSince(start))
  }

  /** @param visit gets each member's name and must read or skip its value */
  readObject(visit: (name: string) => void): void {
    let name: string | undefined
    try {
      const names = new MemberNames()
      for (let more = this.#open('{', '}'); more; more = this.#next('}')) {
        name = undefined
        name = this.#readName(names)
        visit(name)
      }
    } catch (error) {
      throw JsonError.within(name, error)
    }
  }

  /** @param visit gets each item's index and must read or skip it */
  readArray(visit: (index: number) => void): void {
    let index = 0
    try {
      for (let more = this.#open('[', ']'); more; more = this.#next(']')) {
        visit(index)
        index += 1
      }
    } catch (error) {
      throw JsonError.within(index, error)
    }
  }

  skipValue(): undefined {
    const start = this.#skipSpace()
    const char = this.#text.charCodeAt(start)
    if (char === quote) this.#skipString()
    else if (char === openBrace) this.readObject(this.#skipVisited)
    else if (char === openBracket) this.readArray(this.#skipVisited)
    else if (char === minus || (char >= zero && char <= nine)) this.at = endOfNumber(this.#text, start)
    else this.#skipLiteral()
  }

  readonly #skipVisited = () => this.skipValue()

  #skipSpace(): number {
    const text = this.#text
    let char = text.charCodeAt(this.at)
    while (char === space || char === lineFeed || char === carriageReturn || char === tab) {
      this.at += 1
      char = text.charCodeAt(this.at)
    }
    return this.at
  }

  /** @returns whether there is a first member or item */
  #open(open: string, close: string): boolean {
    if (this.peek() !== open) throw new JsonError(open === '{' ? 'expected an object' : 'expected an array', this.at)
    this.at += 1
    this.#depth += 1
    if (this.#depth > deepestNesting) throw new JsonError(`nested deeper than ${deepestNesting} levels`, this.at)
    return !this.#closes(close)
  }

  /** @returns whether there is another member or item */
  #next(close: string): boolean {
    if (this.#closes(close)) return false
    if (this.peek() !== ',') throw new JsonError(`expected "," or "${close}"`, this.at)
    this.at += 1
    return true
  }

  #closes(close: string): boolean {
    if (this.peek() !== close) return false
    this.at += 1
    this.#depth -= 1
    return true
  }

  #readName(names: MemberNames): string {
    const start = this.#skipSpace()
    const name = this.readString()
    if (name === '__proto__') throw new JsonError('the name "__proto__" is not allowed', start)
    if (!names.add(name)) throw new JsonError(`the name ${JSON.stringify(name.slice(0, 100))} appears twice`, start)
    if (this.peek() !== ':') throw new JsonError('expected ":"', this.at)
    this.at += 1
    return name
  }

  /** @returns whether its characters stand for themselves */
  #skipString(): boolean {
    const end = this.#find('"', this.at + 1)
    if (end < this.#backslash && !this.#controlCharacters) {
      this.at = end + 1
      return true
    }
    this.at = endOfString(this.#text, this.at)
    if (this.at <= this.#backslash) return true
    this.#backslash = this.#find('\\', this.at)
    return false
  }

  #skipLiteral(): void {
    for (const literal of ['true', 'false', 'null']) {
      if (!this.#text.startsWith(literal, this.at)) continue
      this.at += literal.length
      return
    }
    throw new JsonError(this.at < this.#text.length ? 'this is no JSON value' : 'the value is missing', this.at)
  }

  #find(char: string, from: number): number {
    const found = this.#text.indexOf(char, from)
    return found === -1 ? Number.POSITIVE_INFINITY : found
  }
}

const quote = 0x22
const openBrace = 0x7b
const openBracket = 0x5b
const minus = 0x2d
const zero = 0x30
const nine = 0x39
const space = 0x20
const lineFeed = 0x0a
const carriageReturn = 0x0d
const tab = 0x09
