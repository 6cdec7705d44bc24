import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { isConnectionLost, isRetriable, sqlState } from '../src/database-error.ts'
import { createDatabasePool } from '../src/database-pool.ts'

async function startPool(
  options: { max?: number; statementTimeoutMs?: number; genericPlans?: boolean } = {},
  urlOptions = '',
) {
  const database = await freshDatabase()
  const lines: string[] = []
  const pool = createDatabasePool({
    url: database.url + urlOptions,
    applicationName: 'pool-test',
    max: 2,
    logger: pino({}, { write: (line: string) => void lines.push(line) }),
    connectTimeoutMs: 500,
    statementTimeoutMs: 5_000,
    idleInTransactionMs: 3_000,
    ...options,
  })
  return {
    pool,
    lines,
    terminateAll: () =>
      database.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'pool-test' and datname = current_database()`),
    async [Symbol.asyncDispose]() {
      await pool.end()
      await database[Symbol.asyncDispose]()
    },
  }
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

test('its sessions commit synchronously, without JIT, with time-outs, whatever the URL says', async () => {
  await using started = await startPool({}, '?options=-c%20synchronous_commit%3Doff%20-c%20work_mem%3D5MB')
  const { rows } = await started.pool.query(`
    select current_setting('synchronous_commit') as commit, current_setting('jit') as jit, current_setting('work_mem') as memory,
      current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle`)
  expect(rows).toEqual([{ commit: 'on', jit: 'off', memory: '5MB', statement: '5s', idle: '3s' }])
})

test('it plans each statement once where it is told to, else when PostgreSQL thinks it worth its while', async () => {
  const modeOf = async (genericPlans: boolean) => {
    await using started = await startPool({ genericPlans })
    return (await started.pool.query(`select current_setting('plan_cache_mode') as mode`)).rows[0]?.mode
  }
  expect([await modeOf(true), await modeOf(false)]).toEqual(['force_generic_plan', 'auto'])
})

test('it survives the end of its sessions, idle or in use, and makes new ones', async () => {
  await using started = await startPool()
  const client = await started.pool.connect()
  await started.pool.query('select 1')
  await started.terminateAll()
  const lost = await failureOf(client.query('select 1'))
  expect([isConnectionLost(lost), isRetriable(lost)]).toEqual([true, true])
  client.release(true)
  await expect.poll(() => started.lines.join()).toContain('an idle database connection was lost')
  expect((await started.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('the wait for a connection is bounded', async () => {
  await using started = await startPool({ max: 1 })
  const client = await started.pool.connect()
  expect(isConnectionLost(await failureOf(started.pool.query('select 1')))).toBe(true)
  client.release()
})

test('a statement that takes too long is cancelled; that is no lost connection', async () => {
  await using started = await startPool({ statementTimeoutMs: 100 })
  const error = await failureOf(started.pool.query('select pg_sleep(10)'))
  expect([sqlState(error), isConnectionLost(error), isRetriable(error)]).toEqual(['57014', false, false])
})

test('deadlocks, serialization failures and a full disk may be tried again, faults of the data not', async () => {
  await using started = await startPool()
  const expected = { '40P01': true, '40001': true, '53100': true, '25006': true, '23505': false, '22012': false }
  for (const [state, retriable] of Object.entries(expected)) {
    const raise = `do $$ begin raise exception using errcode = '${state}'; end $$`
    const error = new Error('wrapped, as Drizzle does', { cause: await failureOf(started.pool.query(raise)) })
    expect([sqlState(error), isRetriable(error), isConnectionLost(error)]).toEqual([state, retriable, false])
  }
})
