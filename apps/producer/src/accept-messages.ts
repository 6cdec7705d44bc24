import { createHash } from 'node:crypto'
import { appendMessages, type OutboxMessage } from '@outbox/outbox/append-messages'
import { MessageError } from '@outbox/outbox/check-message'
import { claimIdempotencyKey, storeIdempotencyKey } from '@outbox/outbox/idempotency-key'
import { isRetriable, sqlState } from '@outbox/service/database-error'
import { Problem } from '@outbox/service/problem'
import type pg from 'pg'
import { invalidRequest, otherBody, underWay } from './problems.ts'
import { NotAcceptedProblem } from './refusal-reason.ts'
import { begin, commit, rollBack } from './transaction.ts'

/** A request that was read and found right. */
export type MessagesRequest = {
  messages: readonly OutboxMessage[]
  /** The body as it came: with the same key it must be the same. */
  body: Uint8Array
  idempotencyKey: string | undefined
}

/** `replayed`: these ids were given before, and nothing was appended now. */
type Outcome = { ids: string[]; replayed: boolean }

/** `transactionSeconds`: from having a connection to the end of the transaction. */
export type Acceptance = Outcome & { transactionSeconds: number }

/**
 * Puts the messages into the outbox in one transaction; once this resolves they are committed.
 * @param pool of pipelined clients: statements that don't need each other's answer go out together (3 writes, not 6)
 * @throws {Problem} 400 for what the outbox can't keep; 409 or 422 for the Idempotency-Key; 503 when they are certainly
 * not accepted; 500 `outcome-unknown` when the connection was lost in COMMIT
 */
export async function acceptMessages(pool: pg.Pool, request: MessagesRequest): Promise<Acceptance> {
  const client = await connect(pool)
  const begunAtMs = performance.now()
  let broken: Error | undefined
  try {
    const outcome =
      request.idempotencyKey === undefined
        ? await append(client, request.messages)
        : await appendOnce(client, request.idempotencyKey, request)
    return { ...outcome, transactionSeconds: (performance.now() - begunAtMs) / 1_000 }
  } catch (error) {
    broken = await rollBack(client, error)
    throw asProblem(error)
  } finally {
    client.release(broken)
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw new NotAcceptedProblem('no-connection', 'the database gave no connection in time', error)
  }
}

async function append(client: pg.PoolClient, messages: readonly OutboxMessage[]): Promise<Outcome> {
  const ids = await begin(client, () => appendMessages(client, messages))
  await commit(client, ids)
  return { ids, replayed: false }
}

async function appendOnce(client: pg.PoolClient, key: string, request: MessagesRequest): Promise<Outcome> {
  const fingerprint = createHash('sha256').update(request.body).digest()
  const claim = await begin(client, () => claimIdempotencyKey(client, { key, fingerprint }))
  switch (claim.state) {
    case 'under-way':
      throw underWay()
    case 'other-body':
      throw otherBody()
    case 'answered':
      await client.query('rollback')
      return { ids: claim.ids, replayed: true }
    case 'new': {
      const ids = await appendMessages(client, request.messages)
      await commit(client, ids, () => storeIdempotencyKey(client, { key, fingerprint, ids }))
      return { ids, replayed: false }
    }
  }
}

const queryCanceled = '57014'
const checkViolation = '23514'

/** Before COMMIT was sent, and where the server refused it, nothing was accepted. */
function asProblem(error: unknown): unknown {
  if (error instanceof Problem) return error
  if (error instanceof MessageError) {
    return invalidRequest(error.message, [{ path: `/messages/${error.index}/${error.field}`, message: error.message }])
  }
  const state = sqlState(error)
  if (state === queryCanceled) return new NotAcceptedProblem('too-slow', 'the database took too long', error)
  if (state === checkViolation && isPartitionMissing(error))
    return new NotAcceptedProblem('no-partition', 'the log has no partition for new messages yet', error)
  return isRetriable(error) ? new NotAcceptedProblem('database-away', 'the database is not available', error) : error
}

/** Else a check that somebody added to the table refused the row, and will go on refusing it: that has a name. */
function isPartitionMissing(error: unknown): boolean {
  return !(error instanceof Error && 'constraint' in error && error.constraint !== undefined)
}
