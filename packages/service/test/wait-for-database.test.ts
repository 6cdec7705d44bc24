import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { pino } from 'pino'
import { expect, inject, test } from 'vitest'
import { createDatabasePool } from '../src/database-pool.ts'
import { exitCodeOf } from '../src/exit-code.ts'
import { createReadiness } from '../src/readiness.ts'
import { waitForDatabase } from '../src/wait-for-database.ts'

const logger = pino({ level: 'silent' })

function waitingFor(url: string, more: Partial<Parameters<typeof waitForDatabase>[0]> = {}) {
  const times = { connectTimeoutMs: 500, statementTimeoutMs: 1_000, idleInTransactionMs: 1_000 }
  const pool = createDatabasePool({ url, applicationName: 'wait-test', max: 2, logger, ...times })
  const readiness = createReadiness({ instance: 'wait-test', parts: ['database'] })
  const { signal } = new AbortController()
  const ended = waitForDatabase({ pool, readiness, logger, timeoutMs: 30_000, signal, ...more }).finally(() =>
    pool.end(),
  )
  return { ended, readiness }
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Answers whoever connects with an error, as PostgreSQL does. */
async function startRefusingServer(sqlState: string, message: string) {
  const fields = `SFATAL\0VFATAL\0C${sqlState}\0M${message}\0\0`
  const answer = Buffer.alloc(5 + fields.length)
  answer.write('E')
  answer.writeInt32BE(4 + fields.length, 1)
  answer.write(fields, 5)
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `postgres://u:geheim@127.0.0.1:${(server.address() as AddressInfo).port}/d`,
    [Symbol.dispose]: () => void server.close(),
  }
}

test('prepares the database, then the part is up', async () => {
  await using database = await freshDatabase()
  const { ended, readiness } = waitingFor(database.url, { prepare: (pool) => pool.query('create table ready ()') })
  await ended
  expect(readiness.report().status).toBe('ready')
  expect((await database.pool.query('select from ready')).rowCount).toBe(0)
})

test('preparing is tried again when it was none of its fault', async () => {
  await using database = await freshDatabase()
  let calls = 0
  const prepare = async () => {
    calls += 1
    if (calls === 1) throw Object.assign(new Error('deadlock detected'), { code: '40P01' })
  }
  await waitingFor(database.url, { prepare }).ended
  expect(calls).toBe(2)
})

test('what waiting cannot mend is not waited for', async () => {
  await using database = await freshDatabase()
  const prepare = (pool: { query(text: string): Promise<unknown> }) => pool.query('select broken')
  await expect(waitingFor(database.url, { prepare }).ended).rejects.toThrow('"broken" does not exist')
})

test('a wrong password fails at once, with the remedy and without the password', async () => {
  using server = await startRefusingServer('28P01', 'password authentication failed for user "u"')
  const error = await failureOf(waitingFor(server.url).ended)
  expect(error).toMatchObject({ message: expect.stringMatching(/"u".*correct user or password in DATABASE_URL/) })
  expect(exitCodeOf(error)).toBe(78)
  expect(String(error)).not.toContain('geheim')
})

test('a missing database fails at once', async () => {
  const url = new URL(inject('databaseUrl'))
  url.pathname = '/nowhere'
  const error = await failureOf(waitingFor(url.href).ended)
  expect([exitCodeOf(error), String(error)]).toEqual([78, expect.stringContaining('create the database')])
})

test('a server that is starting up is waited for, no longer than allowed; its reason is shown', async () => {
  using server = await startRefusingServer('57P03', 'the database system is starting up')
  const { ended, readiness } = waitingFor(server.url, { timeoutMs: 1_000 })
  const failed = failureOf(ended)
  await expect
    .poll(() => readiness.report().parts.database)
    .toEqual({ up: false, reason: 'the database system is starting up' })
  const error = await failed
  expect([exitCodeOf(error), String(error)]).toEqual([69, expect.stringContaining('did not answer for 1000 ms')])
})

test('a stop ends the waiting', async () => {
  const stop = new AbortController()
  const { ended } = waitingFor('postgres://u@127.0.0.1:1/d', { signal: stop.signal })
  const failed = failureOf(ended)
  stop.abort()
  expect(await failed).toMatchObject({ name: 'AbortError' })
})
