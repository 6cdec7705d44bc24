import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAlive } from '../src/end-process.ts'
import { runProgram } from './run-program.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('a process does not outlive its parent, though the parent is killed and it ignores SIGTERM', async () => {
  await using folder = await temporaryFolder()
  await using parent = await runProgram('guarded-parent', join(folder.path, 'log'))
  const pid = Number(parent.firstLine)
  expect(isAlive(pid)).toBe(true)
  await parent.kill()
  await expect.poll(() => isAlive(pid)).toBe(false)
})
