import { type FieldError, Problem } from '@outbox/service/problem'

/** 400: it must be changed before it is sent again. */
export function invalidRequest(detail: string, errors: FieldError[] = [], cause?: unknown): Problem {
  return new Problem({ type: 'invalid-request', title: 'Bad Request', status: 400, detail, errors }, { cause })
}

/** 413: it must be made smaller, or sent in parts. */
export function tooLarge(detail: string, errors: FieldError[]): Problem {
  return new Problem({ type: 'too-large', title: 'Content Too Large', status: 413, detail, errors })
}

/** 405: messages can only be put in. */
export function methodNotAllowed(): Problem {
  const detail = 'messages can only be sent: POST /messages'
  return new Problem({ type: 'method-not-allowed', title: 'Method Not Allowed', status: 405, detail })
}

/** 415: not `application/json` in UTF-8. */
export function unsupportedMediaType(detail: string): Problem {
  return new Problem({ type: 'unsupported-media-type', title: 'Unsupported Media Type', status: 415, detail })
}

/** 409: the first request with this key hasn't ended yet. */
export function underWay(): Problem {
  const detail = 'a request with this Idempotency-Key is still under way: send it again in a moment'
  return new Problem(
    { type: 'idempotency-under-way', title: 'Conflict', status: 409, detail },
    { retryAfterSeconds: 1 },
  )
}

/** 422: the key was used for something else. */
export function otherBody(): Problem {
  const detail = 'this Idempotency-Key was used with another body: a new body needs a new key'
  return new Problem({ type: 'idempotency-other-body', title: 'Unprocessable Content', status: 422, detail })
}

/**
 * 500: committed or not, nobody knows; only the same Idempotency-Key settles it.
 * @param ids of the messages, in their order: the first one's is logged, so that an operator can look for it
 */
export function outcomeUnknown(cause: unknown, ids: readonly string[]): Problem {
  const detail =
    'the connection to the database was lost while it committed, so the messages may be accepted or not: send the request again with the same Idempotency-Key'
  const logged = { messages: ids.length, messageId: ids[0] }
  return new Problem(
    { type: 'outcome-unknown', title: 'Internal Server Error', status: 500, detail },
    { cause, logged },
  )
}
