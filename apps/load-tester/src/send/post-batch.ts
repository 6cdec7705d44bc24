import type { Dispatcher } from 'undici'

/** A request with a batch. The same key and body may be sent again, to any producer, without a second effect. */
export type BatchRequest = { body: Buffer; idempotencyKey: string; messages: number }

/**
 * What one attempt came to.
 * - `accepted`: committed
 * - `refused`: not accepted, and no other attempt will fare better
 * - `not-accepted`: certainly not accepted this time
 * - `uncertain`: accepted or not, or still under way elsewhere: only another attempt with the same key can tell
 */
export type Attempt =
  | { result: 'accepted' }
  | { result: 'refused' | 'not-accepted' | 'uncertain'; code: string; detail: string; retryAfterMs?: number }

/**
 * Posts a batch once. Never throws. It takes undici's own dispatch, and of an answer only what is needed: streams and
 * promises for each would cost more than the request.
 */
export function postBatch(dispatcher: Dispatcher, request: BatchRequest): Promise<Attempt> {
  return new Promise((resolve) => {
    const options = {
      path: '/messages',
      method: 'POST',
      headers: [...sameHeaders, 'idempotency-key', request.idempotencyKey],
      body: request.body,
    }
    try {
      dispatcher.dispatch(options, new Answer(request.messages, resolve))
    } catch (error) {
      resolve(classifyFailure(error))
    }
  })
}

const sameHeaders = ['content-type', 'application/json', 'prefer', 'return=minimal']

/** Collects an answer, and says what the attempt came to. */
class Answer implements Dispatcher.DispatchHandler {
  readonly #messages: number
  readonly #resolve: (attempt: Attempt) => void
  #statusCode = 0
  #retryAfter: unknown
  #text = ''

  constructor(messages: number, resolve: (attempt: Attempt) => void) {
    this.#messages = messages
    this.#resolve = resolve
  }

  // Dispatchers want to see that it is one of the handlers that they know.
  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: Record<string, unknown>): void {
    this.#statusCode = statusCode
    this.#retryAfter = headers['retry-after']
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    // What is beyond ASCII stands in details alone, which are for people.
    this.#text += chunk.toString('utf8')
  }

  onResponseEnd(): void {
    this.#resolve(classify({ statusCode: this.#statusCode, retryAfter: this.#retryAfter }, this.#text, this.#messages))
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#resolve(classifyFailure(error))
  }
}

type Head = { statusCode: number; retryAfter: unknown }

function classify({ statusCode, retryAfter: wait }: Head, text: string, messages: number): Attempt {
  const answer = parseObject(text)
  if (statusCode === 202) {
    if (answer.accepted === messages) return { result: 'accepted' }
    return { result: 'uncertain', code: '202', detail: `accepted ${String(answer.accepted)} of ${messages} messages` }
  }
  const type = lastStep(answer.type)
  const code = statusCode === 500 && type !== undefined ? `${statusCode} ${type}` : String(statusCode)
  const detail = typeof answer.detail === 'string' ? answer.detail : String(answer.title ?? text.slice(0, 200))
  const retryAfterMs = Number(wait) * 1_000
  const retryAfter = retryAfterMs > 0 ? { retryAfterMs } : {}
  if (statusCode === 503 || statusCode === 429) return { result: 'not-accepted', code, detail, ...retryAfter }
  // 408: the body didn't come in time, or another wait was over; 409: the first attempt is still at work.
  if (statusCode >= 500 || statusCode === 408 || statusCode === 409) return { result: 'uncertain', code, detail }
  return { result: 'refused', code, detail }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** A problem's type may be a name or a URI that ends in it. */
function lastStep(type: unknown): string | undefined {
  return typeof type === 'string' && type !== 'about:blank' ? type.split(/[/:#]/).at(-1) : undefined
}

/** With these nothing of the request has left this machine. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function classifyFailure(error: unknown): Attempt {
  const detail = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'NO_ANSWER'
  return { result: neverSent.has(code) ? 'not-accepted' : 'uncertain', code, detail }
}
