import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAlive } from '../src/end-process.ts'
import { startGuardian } from '../src/guardian.ts'
import { superviseProcess } from '../src/supervise-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('a killed process is started again, and the report says why, when and as what', async () => {
  await using folder = await temporaryFolder()
  const { supervised, told } = await supervise(folder.path, 'setInterval(() => {}, 1000)')
  await using _supervised = supervised
  const { pid } = supervised
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => supervised.pid).not.toBe(pid)
  expect(told).toEqual([`app-1 was killed by SIGKILL; started again after 0.01 s (pid ${supervised.pid})`])
})

test('the wait before a start doubles up to its ceiling while the process keeps failing', async () => {
  await using folder = await temporaryFolder()
  const { supervised, told } = await supervise(folder.path, 'process.exit(1)')
  await using _supervised = supervised
  await expect.poll(() => told.length).toBeGreaterThanOrEqual(5)
  const waits = told.map((line) => /^app-1 ended with code 1; started again after (.+) s/.exec(line)?.[1])
  expect(waits.slice(0, 5)).toEqual(['0.01', '0.02', '0.04', '0.05', '0.05'])
})

test('a run that was long enough lets the wait begin anew', async () => {
  await using folder = await temporaryFolder()
  const { supervised, told } = await supervise(folder.path, 'process.exit(1)', { stableMs: 0 })
  await using _supervised = supervised
  await expect.poll(() => told.length).toBeGreaterThanOrEqual(3)
  for (const line of told) expect(line).toContain('after 0.01 s')
})

test('a process with a wrong setting stays down, and its last line says which', async () => {
  await using folder = await temporaryFolder()
  const program = 'console.error("app: PORT is x; give a number"); process.exit(78)'
  const { supervised, told } = await supervise(folder.path, program)
  await using _supervised = supervised
  await expect.poll(() => supervised.kept).toBe(false)
  expect(told).toEqual(['app-1 is set up wrongly and stays down: app: PORT is x; give a number'])
})

test('a stopped process had the time to end in order, and is not started again', async () => {
  await using folder = await temporaryFolder()
  const program =
    'process.on("SIGTERM", () => { console.log("in order"); process.exit(0) }); console.log("up"); setInterval(() => {}, 1000)'
  const { supervised, told, logFile } = await supervise(folder.path, program)
  await expect.poll(() => readFile(logFile, 'utf8')).toBe('up\n')
  await supervised[Symbol.asyncDispose]()
  expect(await readFile(logFile, 'utf8')).toBe('up\nin order\n')
  expect(isAlive(supervised.pid)).toBe(false)
  expect(supervised.kept).toBe(false)
  expect(told).toEqual([])
})

test('a process that is held stays down, however it was ended, until it is released', async () => {
  await using folder = await temporaryFolder()
  const { supervised, told } = await supervise(folder.path, 'setInterval(() => {}, 1000)', { firstMs: 0 })
  await using _supervised = supervised
  for (const [how, signal] of [
    ['kill', 'SIGKILL'],
    ['stop', 'SIGTERM'],
  ] as const) {
    const { pid } = supervised
    expect(await supervised.hold(how)).toEqual({ code: null, signal })
    // Longer than the supervision would have waited.
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(isAlive(pid)).toBe(false)
    expect(supervised.pid).toBe(pid)
    supervised.release()
    await expect.poll(() => supervised.pid).not.toBe(pid)
    expect(told.at(-1)).toBe(
      `app-1 was killed by ${signal}; started again when it was released (pid ${supervised.pid})`,
    )
  }
})

test('one that is held can be stopped for good', async () => {
  await using folder = await temporaryFolder()
  const { supervised } = await supervise(folder.path, 'setInterval(() => {}, 1000)')
  await supervised.hold('stop')
  await supervised[Symbol.asyncDispose]()
  expect(supervised.kept).toBe(false)
})

async function supervise(folder: string, program: string, backOff = {}) {
  const told: string[] = []
  const logFile = join(folder, 'app-1.log')
  const supervised = await superviseProcess({
    name: 'app-1',
    command: process.execPath,
    args: ['-e', program],
    logFile,
    ending: { signal: 'SIGTERM', graceMs: 5_000 },
    guardian: startGuardian(),
    report: (line) => told.push(line),
    backOff: { firstMs: 10, ceilingMs: 50, ...backOff },
  })
  return { supervised, told, logFile }
}
