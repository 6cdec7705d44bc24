import { maxKeyBytes } from '@outbox/outbox/check-message'
import { type Static, Type } from 'typebox'

export const defaultTopic = 'shared-events'
export const maxHeaders = 32
/** Names and values together; the outbox adds `traceparent` to them. */
export const maxHeaderBytes = 16_000
/** Names that begin with one of these are the outbox's own, in upper case as well. */
export const reservedHeaders = /^(outbox-|traceparent$|tracestate$)/i
export const headerName = /^[!-~]{1,255}$/
/** Control characters other than the tab would break whoever writes the value into HTTP or a log. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: looking for them is the point
export const headerValue = /^[^\x00-\x08\x0a-\x1f\x7f]*$/

export const encodings = ['json', 'text', 'base64'] as const

/** One message, as a client sends it. */
export const Message = Type.Object(
  {
    topic: Type.Optional(
      Type.String({ default: defaultTopic, description: 'one of the allowed topics', examples: [defaultTopic] }),
    ),
    key: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: maxKeyBytes, pattern: '\\S' }), Type.Null()], {
        description: `Messages of one key are delivered in order. At most ${maxKeyBytes} bytes of UTF-8, not blank, without U+0000; absent or null: no key, no order.`,
      }),
    ),
    payload: Type.Unknown({
      description:
        'With encoding `json` any JSON value, kept as it is written, white space included; with `text` a string, with `base64` the bytes that a string encodes, both kept to the byte. `null` is a tombstone and needs a key.',
    }),
    encoding: Type.Optional(Type.Enum([...encodings], { default: 'json', description: 'how `payload` is given' })),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String({ pattern: headerValue.source }), {
        propertyNames: { pattern: headerName.source },
        maxProperties: maxHeaders,
        description: `At most ${maxHeaders}, of visible ASCII names and of string values without control characters, ${maxHeaderBytes} bytes in all. Names that begin with outbox-, traceparent and tracestate are reserved.`,
      }),
    ),
  },
  { additionalProperties: false },
)

/** The body of `POST /messages`. */
export const Messages = Type.Object(
  { messages: Type.Array(Message, { minItems: 1, description: 'accepted all or none; in this order within a key' }) },
  { additionalProperties: false, examples: [exampleMessages()] },
)

/** The answer once they are committed. */
export const Accepted = Type.Object({
  accepted: Type.Integer({ minimum: 1, description: 'how many messages' }),
  ids: Type.Optional(
    Type.Array(Type.String({ format: 'uuid' }), {
      description: 'their ids (uuid v7) in the order of the request; left out with `Prefer: return=minimal`',
    }),
  ),
})
export type Accepted = Static<typeof Accepted>

function exampleMessages() {
  return { messages: [{ key: 'customer-17', payload: { any: 'JSON' }, headers: { tenant: 'a' } }] }
}
