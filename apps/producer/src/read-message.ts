import type { JsonReader } from '@outbox/i-json/json-reader'
import type { OutboxMessage } from '@outbox/outbox/append-messages'
import { maxKeyBytes } from '@outbox/outbox/check-message'
import { bytesExceed } from './bytes-exceed.ts'
import { defaultTopic, encodings } from './message-schema.ts'
import { readHeaders } from './read-headers.ts'
import { decodePayload, type GivenPayload, readPayload } from './read-payload.ts'
import type { RequestErrors } from './request-errors.ts'

/** What a message may be. */
export type MessageRules = { topics: ReadonlySet<string>; maxPayloadBytes: number }

/** Says what is wrong with a field of the message that is being read. */
export type Wrong = (field: readonly string[], problem: string) => void

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
  const wrong: Wrong = (field, problem) => errors.add(['messages', index, ...field], problem)

  reader.readObject((name) => {
    switch (name) {
      case 'topic':
        message.topic = readText(reader, name, wrong) ?? defaultTopic
        break
      case 'key':
        message.key = readKey(reader, wrong)
        break
      case 'encoding':
        encoding = readText(reader, name, wrong) ?? 'json'
        break
      case 'headers':
        message.headers = readHeaders(reader, wrong)
        break
      case 'payload':
        payload = readPayload(reader)
        break
      default:
        wrong([name], 'is not a known field')
        reader.skipValue()
    }
  })

  if (!rules.topics.has(message.topic)) {
    wrong(['topic'], `${shown(message.topic)} is not allowed: one of ${[...rules.topics].slice(0, 10).join(', ')}`)
  }
  if (!isOneOf(encodings, encoding))
    wrong(['encoding'], `${shown(encoding)} is unknown: one of ${encodings.join(', ')}`)
  else if (payload === undefined) wrong(['payload'], 'is missing')
  else message.payload = decodePayload(payload, encoding, wrong)

  if (payload?.json === 'null' && message.key === null) {
    wrong(['key'], 'is missing: a payload of null is a tombstone, which needs a key')
  }
  if (bytesExceed(message.payload, rules.maxPayloadBytes)) {
    errors.addTooLarge(['messages', index, 'payload'], `has more than ${rules.maxPayloadBytes} bytes`)
  }
  return message
}

function readKey(reader: JsonReader, wrong: Wrong): string | null {
  if (reader.peek() === 'n') {
    reader.skipValue()
    return null
  }
  const key = readText(reader, 'key', wrong)
  if (key === undefined) return null
  if (key.trim() === '') wrong(['key'], 'is blank: leave it out, or null, for a message without key')
  else if (key.includes('\0')) wrong(['key'], 'holds U+0000, which PostgreSQL cannot keep in a text')
  else if (bytesExceed(key, maxKeyBytes)) wrong(['key'], `has more than ${maxKeyBytes} bytes of UTF-8`)
  return key
}

function readText(reader: JsonReader, field: string, wrong: Wrong): string | undefined {
  if (reader.peek() === '"') return reader.readString()
  reader.skipValue()
  wrong([field], 'must be a string')
  return undefined
}

function isOneOf<Known extends string>(known: readonly Known[], text: string): text is Known {
  return known.some((one) => one === text)
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60).toWellFormed()}…` : text)
}
