import type { ClientBase, Pool, PoolClient } from 'pg'
import { isDatabaseFault, isUnanswered } from './database-fault.ts'

/** The database failed a transaction, which may or may not have been committed; the same may be tried again. */
export class DatabaseFaultError extends Error {
  readonly code = 'OUTBOX_DATABASE_FAULT'
  readonly retriable = true

  constructor(cause: unknown) {
    const what = cause instanceof EffectFailedError ? 'while a handler was at work' : messageOf(cause)
    super(`The database failed: ${what}`, { cause })
    this.name = 'DatabaseFaultError'
  }
}

/**
 * The effect itself failed, and nothing of its transaction has happened; `cause` is what it threw. That is a handler's, and may
 * quote the messages that it was working on: it belongs into a dead letter, beside the message, and not into a log.
 */
export class EffectFailedError extends Error {
  readonly code = 'OUTBOX_EFFECT_FAILED'
  /** Tells the log. */
  readonly causeIsPrivate = true

  constructor(cause: unknown, message = 'The handler failed') {
    super(message, { cause })
    this.name = 'EffectFailedError'
  }
}

/** A transaction of two parts. */
export type EffectTransaction<T> = {
  /** What the inbox does itself; undefined = there is nothing to take effect. */
  prepare: (tx: ClientBase) => Promise<T>
  /** What the handler does, last: nothing stands between it and the commit. */
  effect: (tx: ClientBase, prepared: T) => Promise<void>
}

/**
 * Runs a transaction and says whose fault it was when it failed.
 * @throws {DatabaseFaultError} the database's; after a connection lost in COMMIT the outcome is unknown, and locking
 * the positions again tells
 * @throws {EffectFailedError} the effect's, deferred constraints and swallowed errors included
 * @throws whatever else `prepare` threw
 */
export async function effectTransaction<T>(pool: Pool, { prepare, effect }: EffectTransaction<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw new DatabaseFaultError(error)
  })
  const connection = watch(client)
  try {
    await client.query('begin isolation level read committed')
    const prepared = await prepare(client)
    await blameEffect(effect(client, prepared))
    await blameEffect(commit(client))
    return prepared
  } catch (error) {
    if (isUnanswered(error)) connection.lose(error as Error)
    if (!connection.lost) await client.query('rollback').catch(connection.lose)
    throw connection.lost || isDatabaseFault(error) ? new DatabaseFaultError(error) : error
  } finally {
    connection.release()
  }
}

/** A connection that breaks while no statement is under way says so by an event, and by nothing else. */
function watch(client: PoolClient) {
  const connection = {
    lost: undefined as Error | undefined,
    lose(error: Error) {
      connection.lost ??= error
    },
    release() {
      client.off('error', connection.lose)
      client.release(connection.lost)
    },
  }
  client.on('error', connection.lose)
  return connection
}

/** PostgreSQL answers COMMIT with ROLLBACK, and no error, when a statement has failed before it. */
async function commit(client: ClientBase): Promise<void> {
  const { command } = await client.query('commit')
  if (command === 'COMMIT') return
  const what = 'The handler swallowed the error of a statement: its transaction is void'
  throw new EffectFailedError(new Error(what), what)
}

async function blameEffect(effect: Promise<void>): Promise<void> {
  try {
    await effect
  } catch (error) {
    throw error instanceof EffectFailedError ? error : new EffectFailedError(error)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
