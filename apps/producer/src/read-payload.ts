import type { JsonReader } from '@outbox/i-json/json-reader'
import type { encodings } from './message-schema.ts'
import type { Wrong } from './read-message.ts'

/** `json` is the value as it stands in the body; `string` what it says, if it is a string. */
export type GivenPayload = { json: string; string: string | undefined }

/** Cuts out the value at which `reader` stands. */
export function readPayload(reader: JsonReader): GivenPayload {
  const isString = reader.peek() === '"'
  const start = reader.at
  const string = isString ? reader.readString() : undefined
  if (!isString) reader.skipValue()
  return { json: reader.textSince(start), string }
}

/** What is kept of a payload; null for a tombstone, and for what is wrong. */
export function decodePayload(
  { json, string }: GivenPayload,
  encoding: (typeof encodings)[number],
  wrong: Wrong,
): string | Uint8Array | null {
  if (json === 'null') return null
  if (encoding === 'json') return json
  if (encoding === 'base64') return decodeBase64(string, wrong)
  if (string === undefined) wrong(['payload'], 'must be a string, since encoding is "text"')
  return string ?? null
}

function decodeBase64(string: string | undefined, wrong: Wrong): Uint8Array | null {
  const bytes = Buffer.from(string ?? '', 'base64')
  // Node skips what it doesn't know; only what comes out again as it went in was right.
  if (string !== undefined && bytes.toString('base64') === string) return bytes
  wrong(['payload'], 'must be a string of padded base64 (RFC 4648, 4), since encoding is "base64"')
  return null
}
