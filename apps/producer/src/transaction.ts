import type { Writable } from 'node:stream'
import { isConnectionLost } from '@outbox/service/database-error'
import { Problem } from '@outbox/service/problem'
import type pg from 'pg'
import { outcomeUnknown } from './problems.ts'
import { NotAcceptedProblem } from './refusal-reason.ts'

/**
 * Begins a transaction, and sends what `first` sends along with it, not a round trip later (a pipelined client).
 * Read committed, whatever the database's default: what is claimed under a lock must be read after the lock was had.
 */
export async function begin<First>(client: pg.PoolClient, first: () => Promise<First>): Promise<First> {
  const [beginning, result] = await inOneWrite(client, () =>
    Promise.allSettled([client.query('begin isolation level read committed'), first()]),
  )
  if (beginning.status === 'rejected') throw beginning.reason
  if (result.status === 'rejected') throw result.reason
  return result.value
}

/**
 * Commits the messages `ids`; `last` is sent along with it. Where that fails the server answers COMMIT with ROLLBACK.
 * @throws {Problem} `outcome-unknown` when the connection was lost: whether the server had committed before, only an answer tells
 */
export async function commit(
  client: pg.PoolClient,
  ids: readonly string[],
  last?: () => Promise<unknown>,
): Promise<void> {
  const [result, ending] = await inOneWrite(client, () => Promise.allSettled([last?.(), client.query('commit')]))
  if (ending.status === 'rejected' && isConnectionLost(ending.reason)) throw outcomeUnknown(ending.reason, ids)
  if (result.status === 'rejected') throw result.reason
  if (ending.status === 'rejected') throw ending.reason
  if (ending.value.command !== 'COMMIT')
    throw new NotAcceptedProblem('rolled-back', 'the database rolled the transaction back')
}

/** Has all statements that `send` sends before it first waits written at once: each write wakes up the server. */
function inOneWrite<Result>(client: pg.PoolClient, send: () => Result): Result {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection
  stream.cork()
  try {
    return send()
  } finally {
    stream.uncork()
  }
}

/** @returns an error when the connection can't be used again */
export async function rollBack(client: pg.PoolClient, error: unknown): Promise<Error | undefined> {
  const cause = error instanceof Problem ? error.cause : error
  if (isConnectionLost(cause)) return asError(cause)
  try {
    await client.query('rollback')
    return undefined
  } catch (rollbackError) {
    return asError(rollbackError)
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
