import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { findLauncher, isGone } from '../../../scripts/launcher.mjs'

const LAUNCHER = fileURLToPath(import.meta.resolve('../../../scripts/launcher.mjs'))

test('npm is found as the parent, and behind the shell that it runs scripts by', async () => {
  const print = `import(${JSON.stringify(LAUNCHER)}).then(({ findLauncher }) => console.log(findLauncher(process.env)))`
  const env = { ...process.env, npm_lifecycle_event: 'start', PRINT: print, NODE: process.execPath }
  const run = async (command: string, ...args: string[]) => (await promisify(execFile)(command, args, { env })).stdout
  expect(Number(await run(process.execPath, '-e', print))).toBe(process.pid)
  // Another command behind it keeps the shell from making way for the program.
  expect(Number(await run('sh', '-c', '"$NODE" -e "$PRINT"; true'))).toBe(process.pid)
})

test('who was not started by npm has no launcher', () => {
  expect(findLauncher({})).toBeUndefined()
})

test('a process is gone when its number is free', () => {
  expect(isGone(process.pid)).toBe(false)
  expect(isGone(2 ** 22 + 1)).toBe(true)
})
