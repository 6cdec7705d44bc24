import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const fixture = fileURLToPath(new URL('fixtures/service.ts', import.meta.url))

async function runFixture(env: Record<string, string>, ...signals: NodeJS.Signals[]) {
  const right = { PATH: process.env.PATH ?? '', DATABASE_URL: 'postgres://u:geheim@h/d', INSTANCE: 'fixture-1' }
  const child = spawn(process.execPath, [fixture], { env: { ...right, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    stdout += data
    if (data.includes('"works"')) for (const signal of signals) child.kill(signal)
  })
  child.stderr.setEncoding('utf8').on('data', (data: string) => {
    stderr += data
  })
  const [exitCode] = await once(child, 'close')
  const log = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { exitCode, stderr, log, last: log.at(-1) }
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s, once or twice: the work in hand is finished, exit 0', async (signal) => {
  const { exitCode, log, stderr } = await runFixture({ FIXTURE_END: 'stop' }, signal, 'SIGTERM', 'SIGINT')
  expect([exitCode, stderr]).toEqual([0, ''])
  expect(log.map(({ msg }) => msg)).toEqual([
    'fixture starts',
    'works',
    'stopping',
    'finishes the work in hand',
    'stopped',
  ])
  expect(log[3]).toMatchObject({ status: 'stopping' })
  for (const line of log) expect(line).toMatchObject({ instance: 'fixture-1' })
})

// Without its words: nobody knows whose they are.
const uncaught = {
  type: 'UncaughtError',
  code: 'OUTBOX_UNCAUGHT',
  message: expect.any(String),
  cause: { type: 'Error', stack: expect.stringContaining('fixtures/service.ts:') },
}

test.each<[string, number, NodeJS.Signals[], Record<string, unknown>]>([
  ['abort', 0, ['SIGTERM'], { msg: 'stopped' }],
  ['hang', 70, ['SIGTERM'], { level: 60, msg: expect.stringContaining('did not stop in time') }],
  ['return', 1, [], { level: 60, msg: 'the work ended without having been asked to' }],
  ['throw', 1, [], { level: 60, msg: 'failed', err: expect.objectContaining({ message: 'broken' }) }],
  ['unavailable', 69, [], { level: 60, msg: 'nothing there: start it.' }],
  ['uncaught', 1, [], { level: 60, msg: 'uncaught exception', err: uncaught }],
  ['unhandled', 1, [], { level: 60, msg: 'uncaught exception', err: uncaught }],
])('one that ends by %s exits %i', async (end, code, signals, last) => {
  const result = await runFixture({ FIXTURE_END: end, STOP_TIMEOUT_MS: '300' }, ...signals)
  expect(result.exitCode).toBe(code)
  expect(result.last).toMatchObject(last)
  expect(result.stderr).toBe('')
})

test('a warning of Node.js is a line of the log', async () => {
  const { log, stderr } = await runFixture({ FIXTURE_END: 'warn' }, 'SIGTERM')
  expect(log).toContainEqual(
    expect.objectContaining({ level: 40, err: expect.objectContaining({ message: 'take care' }) }),
  )
  expect(stderr).toBe('')
})

test('a wrong setting is one line on standard error, exit 78', async () => {
  const { exitCode, stderr, log } = await runFixture({ FIXTURE_END: 'stop', LOG_LEVEL: 'loud' })
  expect([exitCode, log]).toEqual([78, []])
  expect(stderr).toMatch(/^fixture: LOG_LEVEL is "loud", [^\n]*\n$/)
})
