import { Problem } from '@outbox/service/problem'

const byStatus = {
  400: 'invalid-request',
  409: 'idempotency-under-way',
  413: 'too-large',
  415: 'unsupported-media-type',
  422: 'idempotency-other-body',
} as const

const notAcceptedReasons = [
  'overloaded',
  'starting',
  'no-connection',
  'too-slow',
  'no-partition',
  'rolled-back',
  'database-away',
] as const
/** Why a request was certainly not accepted (503), closer than its problem's type says. */
export type NotAcceptedReason = (typeof notAcceptedReasons)[number]

/** All that {@link refusalReason} may say: what bounds a metric's label. */
export const refusalReasons = [
  ...Object.values(byStatus),
  ...notAcceptedReasons,
  'outcome-unknown',
  'internal',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

/** What a request that failed by `error` is counted as. */
export function refusalReason(error: Error & { statusCode?: number }): RefusalReason {
  if (error instanceof NotAcceptedProblem) return error.reason
  if (error instanceof Problem && error.document.type === 'outcome-unknown') return 'outcome-unknown'
  const status = error instanceof Problem ? error.document.status : (error.statusCode ?? 500)
  if (status in byStatus) return byStatus[status as keyof typeof byStatus]
  return status < 500 ? 'invalid-request' : 'internal'
}

/** A 503, with what it is counted as. */
export class NotAcceptedProblem extends Problem {
  readonly reason: NotAcceptedReason

  constructor(reason: NotAcceptedReason, detail: string, cause?: unknown) {
    const text = `not accepted: ${detail}`
    const document = { type: 'not-accepted', title: 'Service Unavailable', status: 503, detail: text }
    super(document, { retryAfterSeconds: 1, cause })
    this.reason = reason
  }
}
