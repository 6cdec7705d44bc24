import { connect, isIP, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { AnswerReader, type HttpAnswer } from './answer-reader.ts'

/** `neverSent`: nothing of the request has left this machine. */
export class NoAnswerError extends Error {
  readonly code: string
  readonly neverSent: boolean
  override name = 'NoAnswerError'

  constructor(code: string, message: string, { neverSent }: { neverSent: boolean }) {
    super(message)
    this.code = code
    this.neverSent = neverSent
  }
}

/** `requestTimeoutMs`: from the request until all of its answer is there. */
export type Timeouts = { connectTimeoutMs: number; requestTimeoutMs: number }

type Request = {
  bytes: string
  encoding: 'latin1' | 'utf8'
  resolve: (answer: HttpAnswer) => void
  reject: (error: unknown) => void
}

/**
 * A connection that is kept, for one request at a time. A client by hand, since the load tester shares the machine with what it
 * measures.
 * @see docs/adr/0020-the-load-tester-speaks-http-itself.md
 */
export class HttpConnection {
  readonly #socket: Socket
  readonly #reader = new AnswerReader()
  readonly #timeouts: Timeouts
  #timer: NodeJS.Timeout
  #connected = false
  #request: Request | undefined
  #error: Error | undefined
  #usableUntilMs = Number.POSITIVE_INFINITY

  /** Begins to connect. @param onGone told when no further request can be sent */
  constructor(origin: URL, timeouts: Timeouts, onGone: (connection: HttpConnection) => void) {
    this.#timeouts = timeouts
    this.#socket = open(origin)
    this.#socket.setNoDelay(true)
    this.#socket.on(origin.protocol === 'https:' ? 'secureConnect' : 'connect', () => this.#onConnect())
    this.#socket.on('data', (chunk) => this.#read(() => this.#reader.push(chunk)))
    this.#socket.on('end', () => this.#read(() => this.#reader.end()))
    this.#socket.on('error', (error) => {
      this.#error ??= error
    })
    this.#socket.on('close', () => {
      clearTimeout(this.#timer)
      this.#failRequest()
      onGone(this)
    })
    this.#timer = setTimeout(() => this.#onTimeout(), timeouts.connectTimeoutMs)
  }

  /** Whether another request may be sent: the other side closes what is unused for long. */
  usable(): boolean {
    return this.#request === undefined && !this.#socket.destroyed && performance.now() < this.#usableUntilMs
  }

  /**
   * @param bytes all of the request
   * @throws {NoAnswerError} or {@link BadAnswerError}; the connection is closed then
   */
  send(bytes: string, encoding: 'latin1' | 'utf8'): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#request = { bytes, encoding, resolve, reject }
      if (this.#socket.destroyed) this.#failRequest()
      else if (this.#connected) this.#write()
    })
  }

  /** Ends a request that is under way. */
  close(): void {
    this.#error ??= new NoAnswerError('CLOSED', 'the connection was closed', { neverSent: !this.#connected })
    this.#socket.destroy()
  }

  #onConnect(): void {
    this.#connected = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#onTimeout(), this.#timeouts.requestTimeoutMs)
    if (this.#request !== undefined) this.#write()
  }

  #write(): void {
    const { bytes, encoding } = this.#request ?? { bytes: '', encoding: 'latin1' }
    this.#timer.refresh()
    this.#socket.write(bytes, encoding)
  }

  #read(take: () => HttpAnswer | undefined): void {
    try {
      const answer = take()
      if (answer !== undefined) this.#answer(answer)
    } catch (error) {
      this.#error ??= error instanceof Error ? error : new Error(String(error))
      this.#socket.destroy()
    }
  }

  #answer(answer: HttpAnswer): void {
    const request = this.#request
    this.#request = undefined
    this.#usableUntilMs = performance.now() + answer.idleMs
    if (answer.idleMs === 0 || request === undefined) this.#socket.destroy()
    request?.resolve(answer)
  }

  #onTimeout(): void {
    if (this.#connected && this.#request === undefined) return
    const [code, what] = this.#connected ? ['ANSWER_TIMEOUT', 'no answer'] : ['CONNECT_TIMEOUT', 'no connection']
    const ms = this.#connected ? this.#timeouts.requestTimeoutMs : this.#timeouts.connectTimeoutMs
    this.#error ??= new NoAnswerError(code, `${what} within ${ms / 1_000} s`, { neverSent: !this.#connected })
    this.#socket.destroy()
  }

  #failRequest(): void {
    const request = this.#request
    this.#request = undefined
    request?.reject(this.#reason())
  }

  #reason(): Error {
    const error = this.#error
    const neverSent = !this.#connected
    if (error === undefined) return new NoAnswerError('CONNECTION_CLOSED', 'closed without an answer', { neverSent })
    const code = 'code' in error ? String(error.code) : 'NO_ANSWER'
    return error instanceof NoAnswerError ? error : new NoAnswerError(code, error.message || code, { neverSent })
  }
}

function open({ protocol, hostname, port }: URL): Socket {
  const host = hostname.replace(/^\[|\]$/g, '')
  // RFC 6066, section 3: an address is no server name. Its certificate is checked against the address all the same.
  const servername = isIP(host) === 0 ? host : ''
  if (protocol === 'https:') return connectSecurely({ host, port: Number(port || 443), servername })
  return connect({ host, port: Number(port || 80) })
}
