import type { Dispatcher, Pool } from 'undici'

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

/** Posts a batch once. Never throws. */
export async function postBatch(pool: Pool, request: BatchRequest, signal?: AbortSignal): Promise<Attempt> {
  try {
    const response = await pool.request({
      path: '/messages',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': request.idempotencyKey,
        prefer: 'return=minimal',
      },
      body: request.body,
      signal: signal ?? null,
    })
    return classify(response, await response.body.text(), request.messages)
  } catch (error) {
    return classifyFailure(error)
  }
}

function classify({ statusCode, headers }: Dispatcher.ResponseData, text: string, messages: number): Attempt {
  const answer = parseObject(text)
  if (statusCode === 202) {
    if (answer.accepted === messages) return { result: 'accepted' }
    return { result: 'uncertain', code: '202', detail: `accepted ${String(answer.accepted)} of ${messages} messages` }
  }
  const type = lastStep(answer.type)
  const code = statusCode === 500 && type !== undefined ? `${statusCode} ${type}` : String(statusCode)
  const detail = typeof answer.detail === 'string' ? answer.detail : String(answer.title ?? text.slice(0, 200))
  const retryAfterMs = Number(headers['retry-after']) * 1_000
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
