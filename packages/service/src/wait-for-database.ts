import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Logger } from 'pino'
import { backOffMs } from './back-off.ts'
import { isRetriable, sqlState } from './database-error.ts'
import { ExitCode, exitCodeOf } from './exit-code.ts'
import type { Readiness } from './readiness.ts'
import { reasonOf } from './reason-of.ts'
import { StartupError } from './startup-error.ts'

/** What to wait for, and for how long. */
export type WaitForDatabase = {
  pool: pg.Pool
  /** Run once the database answers: migrations. Must be safe to run again; defaults to nothing. */
  prepare?: (pool: pg.Pool) => Promise<unknown>
  /** Gets the part `database`: down with the reason while waiting, up at the end. */
  readiness: Readiness
  logger: Logger
  /** Unreachable for longer than this is an error. */
  timeoutMs: number
  signal: AbortSignal
}

/**
 * Waits until the database answers and is prepared, whatever comes up first. What waiting can't mend fails at once:
 * a wrong password, an unknown database, a missing privilege, a schema that the code doesn't know.
 * @throws {StartupError} saying what an operator must change, or that the database stayed away
 * @throws the signal's reason when it aborts
 */
export async function waitForDatabase(options: WaitForDatabase): Promise<void> {
  const { pool, prepare, readiness, logger, timeoutMs, signal } = options
  const givesUpAtMs = performance.now() + timeoutMs
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted()
    try {
      await pool.query('select 1')
      await prepare?.(pool)
      return readiness.up('database')
    } catch (error) {
      const reason = reasonOf(error)
      throwUnlessWaitingHelps(error, reason)
      if (performance.now() >= givesUpAtMs) {
        const message = `the database did not answer for ${timeoutMs} ms (${reason}): start it, or correct DATABASE_URL.`
        throw new StartupError(message, { operatorNeeded: false, cause: error })
      }
      readiness.down('database', reason)
      logger.warn({ attempt, reason }, 'the database is not there yet')
      await sleep(100 + backOffMs(attempt, { firstMs: 100, ceilingMs: 3_000 }), undefined, { signal })
    }
  }
}

function throwUnlessWaitingHelps(error: unknown, reason: string): void {
  if (exitCodeOf(error) === ExitCode.configuration) throw error
  const remedy = remedies[sqlState(error) ?? ''] ?? remedies[reason.split(':', 1)[0] ?? '']
  if (remedy) throw new StartupError(`${reason}: ${remedy}`, { operatorNeeded: true, cause: error })
  if (!isRetriable(error)) throw error
}

/** By what the server says, or by how node-postgres begins its message. */
const remedies: Record<string, string> = {
  '28P01': 'correct user or password in DATABASE_URL.',
  '28000': 'let this user in (pg_hba.conf), or correct DATABASE_URL.',
  '3D000': 'create the database, or correct its name in DATABASE_URL.',
  '42501': 'grant this user the privilege, or name another user in DATABASE_URL.',
  SASL: 'correct the password in DATABASE_URL.',
  'The server does not support SSL connections': 'correct sslmode in DATABASE_URL.',
}
