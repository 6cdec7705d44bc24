/** What is needed of an HTTP answer. `idleMs`: how long its connection may be kept unused; 0: not at all. */
export type HttpAnswer = { status: number; text: string; retryAfter: string | undefined; idleMs: number }

/** What came is no HTTP/1.1 answer, or one without bounds. */
export class BadAnswerError extends Error {
  readonly code = 'BAD_ANSWER'
  override name = 'BadAnswerError'
}

const mostHead = 65_536
const mostBody = 1_048_576
/** Where the answer doesn't say: as long as Node's own server keeps a connection, less a second. */
const usualIdleMs = 4_000

/** The bytes of a body so far; `complete`: there are no more to come. */
type Body = { text: string; complete: boolean; end: number }

/**
 * Reads one answer after the other from what comes over a connection, of which each belongs to one request.
 * @see RFC 9112
 */
export class AnswerReader {
  /** A character a byte. */
  #bytes = ''

  /** @throws {BadAnswerError} */
  push(chunk: Buffer): HttpAnswer | undefined {
    this.#bytes += chunk.toString('latin1')
    return this.#read(false)
  }

  /**
   * The connection was ended from the other side, which may be the end of an answer.
   * @throws {BadAnswerError}
   */
  end(): HttpAnswer | undefined {
    return this.#read(true)
  }

  #read(ended: boolean): HttpAnswer | undefined {
    const headEnd = this.#findHead()
    if (headEnd < 0) return undefined
    const head = `${this.#bytes.slice(0, headEnd).toLowerCase()}\r\n`
    const status = statusIn(head)
    const { text, complete, end } = readBody(this.#bytes, { start: headEnd + 4, head, status, ended })
    if (text.length > mostBody) throw new BadAnswerError(`the answer has more than ${mostBody} bytes`)
    if (!complete) return undefined
    const rest = this.#bytes.length > end
    this.#bytes = ''
    return {
      status,
      text: status === 202 ? text : Buffer.from(text, 'latin1').toString('utf8'),
      retryAfter: headerIn(head, 'retry-after'),
      idleMs: ended || rest ? 0 : idleMsIn(head),
    }
  }

  /** Skips interim answers. @returns where the head of the final one ends; −1 while it isn't there */
  #findHead(): number {
    for (;;) {
      const headEnd = this.#bytes.indexOf('\r\n\r\n')
      if (headEnd < 0 && this.#bytes.length > mostHead) throw new BadAnswerError('the head of the answer has no end')
      if (headEnd < 0 || statusIn(this.#bytes) >= 200) return headEnd
      this.#bytes = this.#bytes.slice(headEnd + 4)
    }
  }
}

function statusIn(head: string): number {
  const status = Number(head.slice(9, 12))
  if (!/^http\/1\.[01] /i.test(head) || !(status >= 100 && status < 600))
    throw new BadAnswerError('this is no HTTP/1.1 answer')
  return status
}

/** @param head in lower case */
function headerIn(head: string, name: string): string | undefined {
  const start = head.indexOf(`\r\n${name}:`)
  if (start < 0) return undefined
  const from = start + name.length + 3
  return head.slice(from, head.indexOf('\r\n', from)).trim()
}

function idleMsIn(head: string): number {
  const connection = headerIn(head, 'connection')
  if (connection === 'close' || (head.startsWith('http/1.0') && connection !== 'keep-alive')) return 0
  const seconds = /timeout=([0-9]{1,6})/.exec(headerIn(head, 'keep-alive') ?? '')?.[1]
  return seconds === undefined ? usualIdleMs : Math.max(Number(seconds) - 1, 0) * 1_000
}

function readBody(
  bytes: string,
  { start, head, status, ended }: { start: number; head: string; status: number; ended: boolean },
): Body {
  if (status === 204 || status === 304) return { text: '', complete: true, end: start }
  if (headerIn(head, 'transfer-encoding') !== undefined) return readChunks(bytes, start)
  const given = headerIn(head, 'content-length')
  if (given === undefined) return { text: bytes.slice(start), complete: ended, end: bytes.length }
  if (!/^[0-9]{1,15}$/.test(given)) throw new BadAnswerError('the length of the answer is no number')
  const end = start + Number(given)
  return { text: bytes.slice(start, end), complete: bytes.length >= end, end }
}

function readChunks(bytes: string, start: number): Body {
  let text = ''
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return { text, complete: false, end: at }
    const digits = /^[0-9a-f]{1,8}(?=[\s;]|$)/i.exec(bytes.slice(at, lineEnd))?.[0]
    if (digits === undefined) throw new BadAnswerError('a chunk of the answer has no size')
    const size = Number.parseInt(digits, 16)
    const from = lineEnd + 2
    if (size === 0) return endOfChunks(bytes, { text, at: from })
    text += bytes.slice(from, from + size)
    if (bytes.length < from + size + 2) return { text, complete: false, end: at }
    at = from + size + 2
  }
}

/** Behind the last chunk stand lines, of which the last is empty. */
function endOfChunks(bytes: string, { text, at }: { text: string; at: number }): Body {
  if (bytes.startsWith('\r\n', at)) return { text, complete: true, end: at + 2 }
  const end = bytes.indexOf('\r\n\r\n', at)
  return { text, complete: end >= 0, end: end + 4 }
}
