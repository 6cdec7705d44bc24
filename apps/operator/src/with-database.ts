import { isConnectionLost, sqlState } from '@outbox/service/database-error'
import { createDatabasePool } from '@outbox/service/database-pool'
import type { Command } from 'commander'
import type pg from 'pg'
import { pino } from 'pino'
import { exitCodes } from './exit-codes.ts'
import { findSystem } from './find-system.ts'
import { type Operator, OperatorError } from './operator.ts'

const connectTimeoutMs = 5_000
const missing = new Set(['42P01', '3F000'])

/**
 * Runs `use` with the outbox's database.
 * @throws {OperatorError} when it doesn't answer, or has no outbox
 */
export async function withDatabase<Result>(
  command: Command,
  operator: Operator,
  use: (pool: pg.Pool) => Promise<Result>,
  { statementTimeoutMs = 30_000 }: { statementTimeoutMs?: number } = {},
): Promise<Result> {
  const { databaseUrl: url } = findSystem(command, operator)
  const pool = openPool(url, statementTimeoutMs)
  try {
    return await use(pool)
  } catch (error) {
    throw explained(error, url)
  } finally {
    await pool.end()
  }
}

function openPool(url: string, statementTimeoutMs: number): pg.Pool {
  if (!URL.canParse(url)) {
    throw new OperatorError(
      '--database-url is no URL: write postgres://user:password@host:5432/database',
      exitCodes.usage,
    )
  }
  return createDatabasePool({
    url,
    applicationName: 'outbox-operator',
    max: 2,
    logger: pino({ level: 'silent' }),
    connectTimeoutMs,
    statementTimeoutMs,
    idleInTransactionMs: statementTimeoutMs,
  })
}

function explained(error: unknown, url: string): unknown {
  if (!(error instanceof Error) || error instanceof OperatorError) return error
  const { host, pathname } = new URL(url)
  const at = `the database at ${host}${pathname}`
  const state = sqlState(error) ?? ''
  if (missing.has(state)) {
    const message = `${at} lacks tables of the outbox or the inbox: name another with --database-url, or make them with outbox migrate.`
    return new OperatorError(message, exitCodes.unavailable)
  }
  // Class 28: refused for its name or password; 3D000: no such database; class 53: no connections, no memory, no disk.
  if (state.startsWith('28') || state === '3D000' || state.startsWith('53') || isConnectionLost(error)) {
    return new OperatorError(`${at} does not answer: ${error.message || String(error)}`, exitCodes.unavailable)
  }
  if (state !== '') return new OperatorError(`${at} refuses: ${error.message} (${state})`, exitCodes.failed)
  return isOurs(error) ? new OperatorError(error.message, exitCodes.failed) : error
}

/** Our packages' errors say what is to be done. */
function isOurs(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('OUTBOX_')
}
