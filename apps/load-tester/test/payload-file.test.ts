import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseCommandLine } from '../src/command-line/parse-command-line.ts'
import { UsageError } from '../src/command-line/usage-error.ts'
import { readPayloadFile } from '../src/plan/payload-file.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'payloads-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(content: string | Uint8Array): string {
  const path = join(folder, 'payloads.ndjson')
  writeFileSync(path, content)
  return path
}

test('each line is a payload, kept as it stands there', () => {
  const lines = ['{"a":1.50, "b":"Ωmega 😀"}', '"text"', '[]', '0']
  expect(readPayloadFile(fileOf(`${lines.join('\r\n')}\n\n`))).toEqual(
    lines.map((text) => ({ text, checksum: crc32(text) })),
  )
})

test.each([
  ['', 'line 1: it is empty, give a JSON value'],
  ['1\n\n2\n', 'line 2: it is empty, give a JSON value'],
  ['1\nnull\n', 'line 2: null is no payload, but deletes a key'],
  ['{"a":1}\n{"a":1,"a":2}', 'line 2, character 8: the name "a" appears twice'],
  ['{"__proto__":1}', 'line 1, character 2: the name "__proto__" is not allowed'],
  ['9007199254740993', 'line 1, character 1: an integer beyond 2^53 - 1 is not exact everywhere'],
  ['1e400', 'line 1, character 1: the number is larger than any double'],
  ['1 2', 'line 1, character 3: expected nothing behind the value'],
  ['{"a":', 'line 1, character 6: the value is missing'],
  ['"\\ud800"', 'line 1, character 2: this surrogate has no partner'],
  ['"\uFFFF"', 'line 1: it holds a noncharacter'],
  ['\uFEFF1', 'line 1: it begins with a byte order mark'],
  [Buffer.from([0x31, 0x0a, 0x22, 0xff, 0x22]), 'line 2: this is not valid UTF-8'],
  ['1\n'.repeat(100_001), 'payloads.ndjson has 100001 lines: give at most 100000'],
  [new Uint8Array(64 * 1_048_576 + 1), 'payloads.ndjson has 67108865 bytes: give at most 67108864'],
])('what is wrong is said, with the line: %#', (content, message) => {
  const path = fileOf(content)
  const parse = () => parseCommandLine(['--payloads', path])
  expect(parse).toThrow(UsageError)
  expect(parse).toThrow(message)
})
