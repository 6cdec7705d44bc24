import { randomBytes } from 'node:crypto'

/**
 * Words that stand nowhere else: a test puts them where secrets, keys and payloads stand, and looks for them in what processes
 * print, however it is written down there.
 */
export class SecretMarks {
  readonly #forms = new Map<string, string>()

  /** @param where what the new mark stands in, such as `the key`: {@link foundIn} says so */
  mark(where: string): string {
    // Neither a number nor a uuid nor English begins like this.
    const mark = `zq${randomBytes(12).toString('hex')}`
    for (const [form, text] of Object.entries(formsOf(mark))) this.#forms.set(text, `${where} (${form})`)
    return mark
  }

  /** @returns where each mark stood that is found, and in which form; none at best */
  foundIn(printed: string): string[] {
    const text = printed.toLowerCase()
    return [...this.#forms].flatMap(([form, where]) => (text.includes(form.toLowerCase()) ? [where] : []))
  }
}

/** Who quotes may cut it short. */
const shortest = 10

function formsOf(mark: string): Record<string, string> {
  const bytes = Buffer.from(mark.slice(0, shortest))
  return {
    plain: mark.slice(0, shortest),
    hexadecimal: bytes.toString('hex'),
    'a list of bytes': bytes.join(','),
    ...Object.fromEntries([0, 1, 2].map((offset) => [`base64, ${offset} bytes in`, inBase64(bytes, offset)])),
  }
}

/** Those of its digits that don't depend on what stands around it, `offset` bytes behind a group of three. */
function inBase64(bytes: Buffer, offset: number): string {
  const digits = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  return digits.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
}
