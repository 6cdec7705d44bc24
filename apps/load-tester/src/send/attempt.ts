import type { HttpAnswer } from './answer-reader.ts'
import { NoAnswerError } from './http-connection.ts'

/** A request with a batch. The same key and body may be sent again, to any producer, without a second effect. */
export type BatchRequest = { body: string; idempotencyKey: string; messages: number }

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

/** @param messages how many were sent */
export function classifyAnswer({ status, text, retryAfter }: HttpAnswer, messages: number): Attempt {
  const answer = parseObject(text)
  if (status === 202) {
    if (answer.accepted === messages) return { result: 'accepted' }
    return { result: 'uncertain', code: '202', detail: `accepted ${String(answer.accepted)} of ${messages} messages` }
  }
  const type = lastStep(answer.type)
  const code = status === 500 && type !== undefined ? `${status} ${type}` : String(status)
  const detail = typeof answer.detail === 'string' ? answer.detail : String(answer.title ?? text.slice(0, 200))
  const retryAfterMs = Number(retryAfter) * 1_000
  const wait = retryAfterMs > 0 ? { retryAfterMs } : {}
  if (status === 503 || status === 429) return { result: 'not-accepted', code, detail, ...wait }
  // 408: the body didn't come in time, or another wait was over; 409: the first attempt is still at work.
  if (status >= 500 || status === 408 || status === 409) return { result: 'uncertain', code, detail }
  return { result: 'refused', code, detail }
}

/** @param error why there is no answer */
export function classifyFailure(error: unknown): Attempt {
  const detail = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'NO_ANSWER'
  return { result: error instanceof NoAnswerError && error.neverSent ? 'not-accepted' : 'uncertain', code, detail }
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
