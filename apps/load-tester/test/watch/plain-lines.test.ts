import { expect, test } from 'vitest'
import { createPlainLines, plainLine } from '../../src/watch/plain-lines.ts'
import { someSample } from './some-sample.ts'

const pace = { share: 0.62, nowPerSecond: 43_120, meanPerSecond: 50_406, leftMs: 8_812 }

test('a line says how much, how fast, how long still, and who is behind', () => {
  expect(plainLine(someSample, pace)).toBe(
    'sent 620,000 of 1,000,000 (62 %), 43,120 messages/s; 8.8 s left; behind: group-a 40,000, group-b 310,000; 3 sent again',
  )
})

test('while effects are awaited it says so, and since when nothing moves', () => {
  const waiting = { stillMs: 12_400, timeoutMs: 120_000 }
  expect(plainLine({ ...someSample, phase: 'applying', waiting }, { ...pace, leftMs: undefined })).toBe(
    '620,000 sent, waiting for the effects, 43,120 messages/s applied; behind: group-a 40,000, group-b 310,000; nothing moved for 12 s, waiting up to 120 s',
  )
})

test('a run whose end is a time has no share of messages', () => {
  const line = plainLine({ ...someSample, messages: undefined, lastsMs: 60_000, repeated: 0, applied: {} }, pace)
  expect(line).toBe('sent 620,000, 43,120 messages/s; 8.8 s left')
})

test('there is a line every 5 s, and each note at once', () => {
  let written = ''
  const lines = createPlainLines({ write: (text) => (written += text) }, () => pace)
  for (const atMs of [1_000, 4_900, 5_000, 9_000, 10_100]) lines.show({ ...someSample, atMs })
  lines.note('said')
  expect(written.split('\n').map((line) => line.slice(0, 4))).toEqual(['sent', 'sent', 'said', ''])
})
