import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { JsonError } from '@outbox/i-json/json-error'
import { JsonReader } from '@outbox/i-json/json-reader'

/** A payload as the producers will keep it: JSON text, and its CRC-32. */
export type Payload = { text: string; checksum: number }

/** The file with the payloads can't be used; the message names it, and the line. */
export class PayloadFileError extends Error {
  readonly code = 'OUTBOX_LOADTEST_PAYLOADS'
  override name = 'PayloadFileError'
}

/** All of it is kept in memory while the run lasts. */
const mostBytes = 64 * 1_048_576
const mostLines = 100_000

/**
 * Reads payloads, a JSON value a line; blank lines at the end don't count. A producer keeps a value as it stands in the
 * request, but refuses what I-JSON does, so that is refused here as well, and so is null, which is no payload but a
 * tombstone.
 * @throws {PayloadFileError} for a file that can't be read or is too large, and for the first line that isn't right
 */
export function readPayloadFile(path: string): Payload[] {
  const lines = readText(path).trimEnd().split('\n')
  if (lines.length > mostLines)
    throw new PayloadFileError(`${path} has ${lines.length} lines: give at most ${mostLines}.`)
  return lines.map((line, index) => readLine(line.trim(), `${path}, line ${index + 1}`))
}

function readText(path: string): string {
  const bytes = readBytes(path)
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    throw new PayloadFileError(`${path}, line 1: it begins with a byte order mark, which is no part of JSON.`)
  if (isUtf8(bytes)) return bytes.toString('utf8')
  const lines = bytes.toString('latin1').split('\n')
  const line = lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')))
  throw new PayloadFileError(`${path}, line ${line + 1}: this is not valid UTF-8.`)
}

function readBytes(path: string): Buffer {
  try {
    const { size } = statSync(path)
    if (size <= mostBytes) return readFileSync(path)
    throw new PayloadFileError(`${path} has ${size} bytes: give at most ${mostBytes}.`)
  } catch (error) {
    if (error instanceof PayloadFileError) throw error
    throw new PayloadFileError(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function readLine(text: string, where: string): Payload {
  if (text === '') throw new PayloadFileError(`${where}: it is empty, give a JSON value.`)
  if (text === 'null') throw new PayloadFileError(`${where}: null is no payload, but deletes a key.`)
  if (/\p{Noncharacter_Code_Point}/u.test(text)) throw new PayloadFileError(`${where}: it holds a noncharacter.`)
  try {
    const reader = new JsonReader(text)
    reader.skipValue()
    reader.expectEnd()
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new PayloadFileError(`${where}, character ${error.offset + 1}: ${error.message}.`)
  }
  return { text, checksum: crc32(text) }
}
