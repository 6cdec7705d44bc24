import { Type } from 'typebox'
import { Accepted, Messages } from './message-schema.ts'
import { problemResponse } from './problem-schema.ts'

/** What `POST /messages` takes and answers, for the API description and for writing the answer. */
export const messagesRouteSchema = {
  tags: ['messages'],
  operationId: 'postMessages',
  summary: 'Put messages into the outbox, all or none',
  description: [
    'The messages are committed before the answer is given, and published in the order of their keys.',
    'The body is I-JSON (RFC 7493) in UTF-8 without a byte order mark. It is refused when a name appears twice in an object,',
    'when it holds unpaired surrogates or noncharacters, a number larger than any double (`1e400`), an integer beyond',
    '±(2^53 − 1), the name `__proto__`, or more than 128 levels. What is accepted is kept as it is written: `-0`, `1.0`,',
    'digits beyond the precision of a double, the order of members and white space.',
    'For anything else send the payload with `encoding` `text` or `base64`: these are kept to the byte.',
  ].join(' '),
  headers: Type.Object({
    'idempotency-key': Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: '^[!-~]{1,255}$',
        description:
          'Kept for 24 hours: the same key with the same body (to the byte) gets the same answer and appends nothing.',
      }),
    ),
    traceparent: Type.Optional(
      Type.String({ description: 'W3C Trace Context: travels with each message. A broken one is ignored.' }),
    ),
    prefer: Type.Optional(
      Type.String({
        description: '`return=minimal` (RFC 7240) leaves the ids out of the answer.',
        examples: ['return=minimal'],
      }),
    ),
  }),
  body: Messages,
  response: {
    202: {
      description: 'Committed.',
      headers: {
        'Preference-Applied': { type: 'string', description: '`return=minimal`, where it was asked for' },
      },
      content: { 'application/json': { schema: Accepted } },
    },
    400: problemResponse('`invalid-request`: not I-JSON, or a field or header is wrong; `errors` names each.'),
    408: problemResponse('The request took too long to arrive.'),
    409: problemResponse('`idempotency-under-way`: a request with this Idempotency-Key has not ended yet.', {
      retryAfter: true,
    }),
    413: problemResponse('`too-large`: body, batch or payload.'),
    415: problemResponse('Not `application/json` in uncompressed UTF-8.'),
    422: problemResponse('`idempotency-other-body`: the Idempotency-Key was used with another body.'),
    431: problemResponse('The headers are too large.'),
    500: problemResponse(
      '`outcome-unknown`: the connection to the database was lost in COMMIT; send it again with the same Idempotency-Key.',
    ),
    503: problemResponse('`not-accepted`: certainly not accepted; send it again later.', { retryAfter: true }),
  },
}
