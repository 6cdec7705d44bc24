import { isConnectionLost, sqlState } from '@outbox/service/database-error'
import { createDatabasePool } from '@outbox/service/database-pool'
import { composeDatabaseUrl, readRunningSystem } from '@outbox/service/running-system'
import type { Command } from 'commander'
import type pg from 'pg'
import { pino } from 'pino'
import { exitCodes } from './exit-codes.ts'
import { type Operator, OperatorError } from './operator.ts'

const connectTimeoutMs = 5_000
const queryCanceled = '57014'
const missing = new Set(['42P01', '3F000'])

/**
 * Runs `use` with the outbox's database.
 * @throws {OperatorError} when it doesn't answer, or has no outbox
 */
export async function withDatabase<Result>(
  command: Command,
  { root, env }: Operator,
  use: (pool: pg.Pool) => Promise<Result>,
  { statementTimeoutMs = 30_000 }: { statementTimeoutMs?: number } = {},
): Promise<Result> {
  const { databaseUrl } = command.optsWithGlobals<{ databaseUrl?: string }>()
  const url = databaseUrl ?? env.DATABASE_URL ?? readRunningSystem(root)?.databaseUrl ?? composeDatabaseUrl
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
    const message = `${at} lacks tables of the outbox or the inbox: name another with --database-url, or start the apps, which make them.`
    return new OperatorError(message, exitCodes.unavailable)
  }
  if (state === queryCanceled) {
    return new OperatorError(`${at} took too long over a statement: ${error.message}`, exitCodes.failed)
  }
  // Class 28: refused for its name or password; 3D000: no such database.
  const refused = state.startsWith('28') || state === '3D000' || state.startsWith('53')
  if (!refused && !isConnectionLost(error)) return error
  return new OperatorError(`${at} does not answer: ${error.message || String(error)}`, exitCodes.unavailable)
}
