import { expect, test } from 'vitest'
import { freePort, isFree } from '../src/free-port.ts'
import { runProgram } from './run-program.ts'

/** Of the 15,000 ports: that two of so many are the same by chance is all but certain. */
const MANY = 300

test('no port is given twice, neither to this process nor to another beside it', async () => {
  await using other = await runProgram('take-ports', String(MANY))
  const taken: number[] = JSON.parse(other.firstLine)
  for (let count = 0; count < MANY; count++) taken.push(await freePort())
  expect(new Set(taken).size).toBe(2 * MANY)
})

test('one can listen on a port that was given', async () => {
  expect(await isFree(await freePort())).toBe(true)
})
