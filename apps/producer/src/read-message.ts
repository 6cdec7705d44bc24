import type { OutboxMessage } from '@outbox/outbox/append-messages'
import { maxKeyBytes } from '@outbox/outbox/check-message'
import type { JsonReader } from './json/json-reader.ts'
import {
  defaultTopic,
  encodings,
  headerName,
  headerValue,
  maxHeaderBytes,
  maxHeaders,
  reservedHeaders,
} from './message-schema.ts'
import type { RequestErrors } from './request-errors.ts'

/** What a message may be. */
export type MessageRules = { topics: ReadonlySet<string>; maxPayloadBytes: number }

/**
 * Reads the message at which `reader` stands; what is wrong with it goes into `errors`.
 * @param index its position in the request
 */
export function readMessage(
  reader: JsonReader,
  index: number,
  rules: MessageRules,
  errors: RequestErrors,
): OutboxMessage {
  const message: OutboxMessage = { topic: defaultTopic, key: null, payload: null }
  let encoding = 'json'
  let payload: GivenPayload | undefined
  const wrong = (field: string, problem: string) => errors.add(`/messages/${index}/${field}`, problem)

  reader.readObject((name) => {
    switch (name) {
      case 'topic':
        message.topic = readText(reader, 'topic', wrong) ?? defaultTopic
        break
      case 'key':
        message.key = readKey(reader, wrong)
        break
      case 'encoding':
        encoding = readText(reader, 'encoding', wrong) ?? 'json'
        break
      case 'headers':
        message.headers = readHeaders(reader, wrong)
        break
      case 'payload':
        payload = readPayload(reader)
        break
      default:
        wrong(name.slice(0, 100), 'is not a known field')
        reader.skipValue()
    }
  })

  if (!rules.topics.has(message.topic)) {
    wrong('topic', `${shown(message.topic)} is not allowed: one of ${[...rules.topics].slice(0, 10).join(', ')}`)
  }
  if (payload === undefined) wrong('payload', 'is missing')
  else if (payload.json === 'null') {
    if (message.key === null) wrong('key', 'is missing: a payload of null is a tombstone, which needs a key')
  } else {
    message.payload = decodePayload(payload, encoding, wrong)
    if (bytesExceed(message.payload, rules.maxPayloadBytes)) {
      errors.addTooLarge(`/messages/${index}/payload`, `has more than ${rules.maxPayloadBytes} bytes`)
    }
  }
  return message
}

type Wrong = (field: string, problem: string) => void

/** `json` is the value as it stands in the body; `string` what it says, if it is a string. */
type GivenPayload = { json: string; string: string | undefined }

function readPayload(reader: JsonReader): GivenPayload {
  const isString = reader.peek() === '"'
  const start = reader.at
  const string = isString ? reader.readString() : undefined
  if (!isString) reader.skipValue()
  return { json: reader.textSince(start), string }
}

function decodePayload({ json, string }: GivenPayload, encoding: string, wrong: Wrong): string | Uint8Array | null {
  switch (encoding) {
    case 'json':
      return json
    case 'text':
      if (string === undefined) wrong('payload', 'must be a string, since encoding is "text"')
      return string ?? null
    case 'base64':
      return decodeBase64(string, wrong)
    default:
      wrong('encoding', `${shown(encoding)} is unknown: one of ${encodings.join(', ')}`)
      return null
  }
}

function decodeBase64(string: string | undefined, wrong: Wrong): Uint8Array | null {
  const bytes = Buffer.from(string ?? '', 'base64')
  // Node skips what it doesn't know; only what comes out again as it went in was right.
  if (string !== undefined && bytes.toString('base64') === string) return bytes
  wrong('payload', 'must be a string of padded base64 (RFC 4648, 4), since encoding is "base64"')
  return null
}

function readKey(reader: JsonReader, wrong: Wrong): string | null {
  if (reader.peek() === 'n') {
    reader.skipValue()
    return null
  }
  const key = readText(reader, 'key', wrong)
  if (key === undefined) return null
  if (key.trim() === '') wrong('key', 'is blank: leave it out, or null, for a message without key')
  else if (key.includes('\0')) wrong('key', 'holds U+0000, which PostgreSQL cannot keep in a text')
  else if (bytesExceed(key, maxKeyBytes)) wrong('key', `has more than ${maxKeyBytes} bytes of UTF-8`)
  return key
}

function readHeaders(reader: JsonReader, wrong: Wrong): Record<string, string> {
  const headers: Record<string, string> = {}
  if (reader.peek() !== '{') {
    wrong('headers', 'must be an object of strings')
    reader.skipValue()
    return headers
  }
  let count = 0
  let bytes = 0
  reader.readObject((name) => {
    const path = `headers/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`
    const value = readText(reader, path, wrong)
    count += 1
    if (!headerName.test(name)) wrong(path, 'has a name that is not 1 to 255 visible ASCII characters')
    else if (reservedHeaders.test(name)) wrong(path, 'is a reserved name')
    else if (value === undefined) return
    else if (!headerValue.test(value)) wrong(path, 'holds a control character')
    else {
      headers[name] = value
      bytes += name.length + Buffer.byteLength(value)
    }
  })
  if (count > maxHeaders) wrong('headers', `has ${count} headers: at most ${maxHeaders}`)
  else if (bytes > maxHeaderBytes) wrong('headers', `has ${bytes} bytes: at most ${maxHeaderBytes}`)
  return headers
}

function readText(reader: JsonReader, field: string, wrong: Wrong): string | undefined {
  if (reader.peek() === '"') return reader.readString()
  reader.skipValue()
  wrong(field, 'must be a string')
  return undefined
}

/** A character has three bytes at most, a surrogate pair four: most texts need no counting. */
function bytesExceed(value: string | Uint8Array | null, limit: number): boolean {
  if (value === null) return false
  if (typeof value !== 'string') return value.length > limit
  return value.length * 3 > limit && Buffer.byteLength(value) > limit
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60).toWellFormed()}…` : text)
}
