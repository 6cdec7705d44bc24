import type { JsonReader } from '@outbox/i-json/json-reader'
import { headerName, headerValue, maxHeaderBytes, maxHeaders, reservedHeaders } from './message-schema.ts'
import type { Wrong } from './read-message.ts'

/** Reads a message's own headers. */
export function readHeaders(reader: JsonReader, wrong: Wrong): Record<string, string> {
  const headers: Record<string, string> = {}
  if (reader.peek() !== '{') {
    wrong(['headers'], 'must be an object of strings')
    reader.skipValue()
    return headers
  }
  let count = 0
  let bytes = 0
  reader.readObject((name) => {
    count += 1
    const value = reader.peek() === '"' ? reader.readString() : reader.skipValue()
    const problem = problemOf(name, value)
    if (value === undefined || problem !== undefined) wrong(['headers', name], problem ?? 'must be a string')
    else {
      headers[name] = value
      bytes += name.length + Buffer.byteLength(value)
    }
  })
  if (count > maxHeaders) wrong(['headers'], `has ${count} headers: at most ${maxHeaders}`)
  else if (bytes > maxHeaderBytes) wrong(['headers'], `has ${bytes} bytes: at most ${maxHeaderBytes}`)
  return headers
}

function problemOf(name: string, value: string | undefined): string | undefined {
  if (!headerName.test(name)) return 'has a name that is not 1 to 255 visible ASCII characters'
  if (reservedHeaders.test(name)) return 'is a reserved name'
  if (value !== undefined && !headerValue.test(value)) return 'holds a control character'
  return undefined
}
