import { expect, test } from 'vitest'
import { createJsonLines } from '../../src/watch/json-lines.ts'
import { someSample } from './some-sample.ts'

test('each sample and each note is a line of JSON, told apart by its type', () => {
  let written = ''
  const display = createJsonLines({ write: (text) => (written += text) })
  display.note('two\nlines')
  display.show(someSample)
  display.end()
  const lines = written.split('\n')
  expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([
    { type: 'note', text: 'two\nlines' },
    { type: 'sample', ...someSample },
  ])
  expect(lines.slice(2)).toEqual([''])
})
