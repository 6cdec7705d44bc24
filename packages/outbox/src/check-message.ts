/** A message to append. A string payload is kept as its UTF-8 bytes; null is a tombstone and needs a key. */
export type OutboxMessage = {
  topic: string
  key?: string | null
  payload: string | Uint8Array | null
  headers?: Record<string, string>
}

export const maxKeyBytes = 512
export const maxHeaders = 40
export const maxHeaderBytes = 8_192

/** A message can't go into the outbox as it is: which one, which field of it, why. Nothing was appended. */
export class MessageError extends Error {
  readonly code = 'OUTBOX_MESSAGE_INVALID'
  readonly retriable = false
  readonly index: number
  readonly field: string

  constructor(index: number, field: string, problem: string) {
    super(`Message ${index}: ${field} ${problem}.`)
    this.name = 'MessageError'
    this.index = index
    this.field = field
  }
}

/** @throws {MessageError} unless PostgreSQL and Kafka can keep `message` to the byte */
export function checkMessage(message: OutboxMessage, index: number): void {
  const refuse: Refuse = (field, problem) => {
    throw new MessageError(index, field, problem)
  }
  if (typeof message !== 'object' || message === null) refuse('message', 'is not an object')
  const { topic, key = null, payload, headers } = message
  if (typeof topic !== 'string' || !legalTopic.test(topic) || topic === '.' || topic === '..')
    refuse('topic', `${shown(topic)} is not a legal name: 1 to 249 of A-Z a-z 0-9 . _ -`)
  if (key !== null) {
    refuseText('key', key, refuse)
    const keyBytes = Buffer.byteLength(key)
    if (keyBytes > maxKeyBytes) refuse('key', `has ${keyBytes} bytes: at most ${maxKeyBytes}`)
  }
  if (payload === null) {
    if (key === null) refuse('payload', 'is null, a tombstone, which needs a key')
  } else if (typeof payload === 'string') {
    if (!payload.isWellFormed()) refuse('payload', 'has a lone surrogate, which UTF-8 cannot hold: pass its bytes')
  } else if (!(payload instanceof Uint8Array)) refuse('payload', `${shown(payload)} is neither text, bytes nor null`)
  if (headers !== undefined) checkHeaders(headers, refuse)
}

type Refuse = (field: string, problem: string) => never

const legalTopic = /^[A-Za-z0-9._-]{1,249}$/
const legalHeader = /^[!-~]{1,255}$/

function checkHeaders(headers: Record<string, string>, refuse: Refuse): void {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers))
    refuse('headers', `${shown(headers)} is not an object`)
  const names = Object.keys(headers)
  if (names.length > maxHeaders) refuse('headers', `are ${names.length}: at most ${maxHeaders}`)
  let bytes = 0
  for (const name of names) {
    if (!legalHeader.test(name) || name === '__proto__')
      refuse('headers', `has the name ${shown(name)}: 1 to 255 visible ASCII characters`)
    if (name.toLowerCase().startsWith('outbox-'))
      refuse(`headers.${name}`, 'is reserved, as all that begins with outbox-')
    const value = headers[name]
    refuseText(`headers.${name}`, value, refuse)
    if (/[\r\n]/.test(value)) refuse(`headers.${name}`, 'has a line break')
    bytes += name.length + Buffer.byteLength(value)
  }
  if (bytes > maxHeaderBytes) refuse('headers', `have ${bytes} bytes: at most ${maxHeaderBytes}`)
}

function refuseText(field: string, value: unknown, refuse: Refuse): asserts value is string {
  if (typeof value !== 'string') refuse(field, `${shown(value)} is not a string`)
  else if (value.includes('\0')) refuse(field, 'has the character \\u0000, which PostgreSQL cannot hold as text')
  else if (!value.isWellFormed()) refuse(field, 'has a lone surrogate, which UTF-8 cannot hold')
}

/** Enough of a wrong value to recognise it. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
