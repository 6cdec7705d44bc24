import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { createScreen } from '../src/screen.ts'
import { startOperator } from './operator-process.ts'
import { operatedDatabase, runOperator } from './run-operator.ts'

test('without a terminal the status comes again and again as text, until Ctrl-C ends it with 0', async () => {
  await using db = await operatedDatabase()
  await using watching = startOperator(['watch', '--every', '0.1'], { databaseUrl: db.url })
  const blocks = () =>
    watching
      .out()
      .split('\n\n')
      .filter((block) => /^\d{4}-.*Z\nOutbox /.test(block))
  await expect.poll(() => blocks().length).toBeGreaterThan(2)
  watching.signal('SIGINT')
  expect(await watching.exited).toBe(0)
  expect(watching.out()).not.toContain('\u001B')
  expect(watching.err()).toBe('')
  expect(watching.out()).toMatch(/Consumer groups\n {2}none\n\n$/)
})

test('with --json each look is one document on one line', async () => {
  await using db = await operatedDatabase()
  await db.park(1)
  await using watching = startOperator(['--json', 'watch', '--every', '0.1'], { databaseUrl: db.url })
  await expect.poll(() => watching.out().split('\n').length).toBeGreaterThan(2)
  watching.signal('SIGTERM')
  expect(await watching.exited).toBe(0)
  const lines = watching.out().trimEnd().split('\n')
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ at: expect.any(String), status: { deadLetters: 1 } })
})

test('a database that goes away is said in one line, and its return is seen', async () => {
  await using db = await operatedDatabase()
  await using watching = startOperator(['watch', '--every', '0.1'], { databaseUrl: db.url })
  await expect.poll(() => watching.out()).toContain('Outbox ')
  const admin = new pg.Client({ connectionString: inject('databaseUrl') })
  await admin.connect()
  const name = new URL(db.url).pathname.slice(1)
  await expect
    .poll(async () => {
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
      return await admin.query(`alter database ${name} rename to ${name}_away`).then(() => 'renamed', String)
    })
    .toBe('renamed')
  await expect.poll(() => watching.out()).toMatch(/Z\nthe database at \S+ does not answer: [\s\S]*?\n\n/)
  const saidBefore = watching.out().length
  await admin.query(`alter database ${name}_away rename to ${name}`)
  await admin.end()
  await expect.poll(() => watching.out().slice(saidBefore)).toContain('Outbox ')
  watching.signal('SIGINT')
  expect(await watching.exited).toBe(0)
  expect(watching.err()).not.toContain('    at ')
})

test('whoever reads it may go, and it ends', async () => {
  await using db = await operatedDatabase()
  await using watching = startOperator(['watch', '--every', '0.1'], { databaseUrl: db.url })
  await expect.poll(() => watching.out()).toContain('Outbox ')
  watching.closeOut()
  expect(await watching.exited).toBe(0)
  expect(watching.err()).toBe('')
})

test('on a terminal each look is drawn over the one before, within its rows, and the cursor comes back', async () => {
  let written = ''
  const screen = createScreen({ write: (text) => (written += text), rows: 4, columns: 20 })
  screen.draw(['one', 'two', 'three', 'four'])
  expect(written).toBe('\u001B[?25l\u001B[2J\u001B[Hone\u001B[K\ntwo\u001B[K\nthree\u001B[K\n\u001B[J')
  written = ''
  screen.draw(['1'])
  expect(written).toBe('\u001B[H1\u001B[K\n\u001B[J')
  written = ''
  screen.leave()
  expect(written).toBe('\r\u001B[K\u001B[?25h')
})

test.each(['watch --every 0', 'watch --every soon', 'watch --database-url nonsense'])(
  '%s: exit code 2',
  async (line) => {
    const { exitCode, out, err } = await runOperator(line, {})
    expect([exitCode, out]).toEqual([2, ''])
    expect(err.trimEnd()).not.toBe('')
  },
)
