import { expect, test } from 'vitest'
import { createProgressLine } from '../src/progress-line.ts'

function progressOn(output: { isTTY: boolean; columns?: number }) {
  const clock = { ms: 0 }
  const written: string[] = []
  const write = (text: string | Uint8Array) => written.push(String(text)) > 0
  return { clock, written, progress: createProgressLine({ ...output, write }, () => clock.ms) }
}

test('a terminal has one line, written over ten times a second at most, and never wrapped', () => {
  const { clock, written, progress } = progressOn({ isTTY: true, columns: 12 })
  progress.update(() => 'one')
  clock.ms = 50
  progress.update(() => 'too soon')
  clock.ms = 100
  progress.update(() => 'longer than that')
  progress.note('to stay')
  progress.end()
  expect(written).toEqual(['one', '\r\u001B[2Klonger tha…', '\r\u001B[2Kto stay\n', ''])
})

test('elsewhere there is a line every 5 s, if it says something new', () => {
  const { clock, written, progress } = progressOn({ isTTY: false })
  for (const [ms, text] of [
    [0, 'at once'],
    [5_000, 'later'],
    [7_000, 'too soon'],
    [10_000, 'later'],
    [15_000, 'new'],
  ] as const) {
    clock.ms = ms
    progress.update(() => text)
  }
  expect(written).toEqual(['later\n', 'new\n'])
})
