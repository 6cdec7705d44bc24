import { expect, test } from 'vitest'
import { parseCommandLine } from '../src/command-line/parse-command-line.ts'
import { UsageError } from '../src/command-line/usage-error.ts'

function saturationOf(...args: string[]) {
  const command = parseCommandLine(['saturation', ...args])
  return command.kind === 'saturation' ? command : expect.unreachable()
}

test('a step is on a timetable, a probe goes on for a time, both of the batch size that is asked for', () => {
  const { optionsOf, batchSizeGiven } = saturationOf('--keys', '7')
  expect(batchSizeGiven).toBe(false)
  expect(optionsOf({ rate: 400, seconds: 8, batchSize: 20 })).toMatchObject({
    messages: 3_200,
    batchSize: 20,
    keys: 7,
    stages: [{ durationMs: 8_000, fromPerSecond: 400, toPerSecond: 400 }],
  })
  const probe = optionsOf({ seconds: 5, batchSize: 100 })
  expect(probe).toMatchObject({ durationMs: 5_000, batchSize: 100 })
  expect(probe).not.toHaveProperty('stages')
})

test('a batch size that is given is the only one', () => {
  const { optionsOf, batchSizeGiven } = saturationOf('--batch-size', '50')
  expect(batchSizeGiven).toBe(true)
  expect(optionsOf({ rate: 400, seconds: 8, batchSize: 20 }).batchSize).toBe(50)
})

test.each([
  '--messages 5',
  '--rate 5',
  '--duration 5',
  '--stages 5s:100',
  '--warm-up 1',
  '--run-id x',
  '--html r.html',
])('saturation %s is refused, as it chooses that itself', (option) => {
  const parse = () => parseCommandLine(['saturation', ...option.split(' ')])
  expect(parse).toThrow(UsageError)
  expect(parse).toThrow('contradicts the command: saturation makes many runs')
})
