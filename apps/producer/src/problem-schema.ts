import { Type } from 'typebox'

/** RFC 9457, as the API description shows it. */
export function problemResponse(description: string, options: { retryAfter?: boolean } = {}) {
  const headers = options.retryAfter
    ? { 'Retry-After': { type: 'integer', description: 'seconds to wait before sending again' } }
    : undefined
  return {
    description,
    ...(headers && { headers }),
    content: { 'application/problem+json': { schema: ProblemSchema } },
  }
}

const ProblemSchema = Type.Object({
  type: Type.String({ description: 'which problem: a name that stays the same', examples: ['invalid-request'] }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String({ description: 'what is wrong this time, and what to do about it' }),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        path: Type.String({
          description: "JSON Pointer into the body, or a header's name",
          examples: ['/messages/3/key'],
        }),
        message: Type.String(),
      }),
    ),
  ),
})
