/**
 * Reads the headers of records, one record after the other. The records of a topic have mostly the same names, so each is compared
 * with that of the record before, byte by byte, instead of being made into a string anew.
 * @see "Record" in https://kafka.apache.org/documentation/#recordheader
 */
export class HeaderReader {
  /** The names of the records before, by where they stood in them. */
  readonly #names: { bytes: Uint8Array; text: string }[] = []
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0

  /**
   * A header that stands there more than once has its last value, one without a value has ''.
   * @param start where the number of headers stands in `bytes`
   */
  read(bytes: Buffer, start: number): Record<string, string> {
    this.#bytes = bytes
    this.#at = start
    const headers: Record<string, string> = {}
    const count = this.#varint()
    for (let nth = 0; nth < count; nth += 1) {
      const name = this.#name(nth)
      headers[name] = this.#value()
    }
    return headers
  }

  #name(nth: number): string {
    const length = this.#varint()
    const start = this.#at
    this.#at += length
    const known = this.#names[nth]
    if (known !== undefined && this.#standsAt(start, length, known.bytes)) return known.text
    const bytes = this.#bytes.subarray(start, this.#at)
    const text = bytes.toString('utf8')
    if (nth < maxNames && length <= maxNameBytes) this.#names[nth] = { bytes, text }
    return text
  }

  #standsAt(start: number, length: number, name: Uint8Array): boolean {
    if (length !== name.length) return false
    for (let i = 0; i < length; i += 1) if (this.#bytes[start + i] !== name[i]) return false
    return true
  }

  #value(): string {
    const length = this.#varint()
    if (length <= 0) return ''
    const start = this.#at
    this.#at += length
    return this.#bytes.toString('utf8', start, this.#at)
  }

  /** Zigzag: the lowest bit is the sign. */
  #varint(): number {
    let value = 0
    let shift = 0
    let byte = 0
    do {
      byte = this.#bytes[this.#at] ?? 0
      this.#at += 1
      value |= (byte & 0x7f) << shift
      shift += 7
    } while (byte >= 0x80)
    return (value >>> 1) ^ -(value & 1)
  }
}

/** So that a topic with ever other names costs no memory. */
const maxNames = 32
const maxNameBytes = 255
