import { isAscii, isUtf8 } from 'node:buffer'
import { JsonError } from '@outbox/i-json/json-error'
import { jsonPointer } from '@outbox/i-json/json-pointer'
import { JsonReader } from '@outbox/i-json/json-reader'
import type { OutboxMessage } from '@outbox/outbox/append-messages'
import { invalidRequest, tooLarge } from './problems.ts'
import { type MessageRules, readMessage } from './read-message.ts'
import { RequestErrors } from './request-errors.ts'

/** What a request may hold. */
export type RequestRules = MessageRules & { maxBatch: number }

/**
 * The messages of a request's body.
 * @param body UTF-8, as it came
 * @throws {Problem} 400 or 413, naming each field that is wrong: nothing of the request is to be accepted
 */
export function readMessages(body: Buffer, rules: RequestRules): OutboxMessage[] {
  const reader = new JsonReader(decode(body))
  const errors = new RequestErrors()
  try {
    const messages = readBody(reader, rules, errors)
    errors.throwIfAny()
    return messages
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const detail = `the body is not acceptable JSON at character ${error.offset}: ${error.message}`
    throw invalidRequest(detail, [{ path: jsonPointer(error.path), message: error.message }])
  }
}

function decode(body: Buffer): string {
  if (body.length === 0) throw invalidRequest('the body is empty: send {"messages": [ … ]}')
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) {
    throw invalidRequest('the body begins with a byte order mark: send it without (RFC 8259, 8.1)')
  }
  if (isAscii(body)) return body.toString('latin1')
  if (!isUtf8(body)) throw invalidRequest('the body is not valid UTF-8')
  const text = body.toString('utf8')
  if (/\p{Noncharacter_Code_Point}/u.test(text)) throw invalidRequest('the body holds a noncharacter (RFC 7493, 2.1)')
  return text
}

function readBody(reader: JsonReader, rules: RequestRules, errors: RequestErrors): OutboxMessage[] {
  let messages: OutboxMessage[] | undefined
  reader.readObject((name) => {
    if (name === 'messages') messages = readList(reader, rules, errors)
    else {
      errors.add([name], 'is not a known field')
      reader.skipValue()
    }
  })
  reader.expectEnd()
  if (messages === undefined) errors.add(['messages'], 'is missing')
  else if (messages.length === 0) errors.add(['messages'], 'is empty: send at least one message')
  return messages ?? []
}

function readList(reader: JsonReader, rules: RequestRules, errors: RequestErrors): OutboxMessage[] {
  const messages: OutboxMessage[] = []
  reader.readArray((index) => {
    if (index === rules.maxBatch) {
      const message = `has more than ${rules.maxBatch} messages: send several requests`
      throw tooLarge(`/messages ${message}`, [{ path: '/messages', message }])
    }
    messages.push(readMessage(reader, index, rules, errors))
  })
  return messages
}
