import { expect, test } from 'vitest'
import { SecretMarks } from '../src/secret-marks.ts'
import { strangeLines } from '../src/strange-lines.ts'

test('a mark is found in whatever way it was written down, and cut short', () => {
  const marks = new SecretMarks()
  const key = marks.mark('the key')
  const bytes = Buffer.from(`{"x":"${key}"}`)
  const found = (printed: string) => marks.foundIn(printed).map((where) => where.replace(/ \(.*/, ''))
  expect(found(`Unexpected token, "${key.slice(0, 10)}"...`)).toEqual(['the key'])
  expect(found(key.toUpperCase())).toEqual(['the key'])
  expect(found(encodeURIComponent(JSON.stringify(JSON.stringify({ key }))))).toEqual(['the key'])
  expect(found(JSON.stringify(bytes))).toEqual(['the key'])
  expect(found(bytes.toString('hex'))).toEqual(['the key'])
  for (const offset of [0, 1, 2]) expect(found(bytes.subarray(offset).toString('base64'))).toEqual(['the key'])
  expect(found(marks.mark('another'))).toEqual(['another'])
  expect(found('nothing of the sort')).toEqual([])
})

test('a line that is no log line is strange', () => {
  const line = { level: 30, time: 1, instance: 'a', msg: 'b' }
  expect(strangeLines(`${JSON.stringify(line)}\n${JSON.stringify({ ...line, more: 1 })}\n`)).toEqual([])
  const strange = ['(node:1) Warning: x', '{}', '[]', 'null', ...['level', 'time', 'instance', 'msg'].map(without)]
  expect(strangeLines(strange.join('\n'))).toEqual(strange)

  function without(field: string): string {
    return JSON.stringify({ ...line, [field]: undefined })
  }
})
