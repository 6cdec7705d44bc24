import { createHash } from 'node:crypto'
import { appendMessages, type OutboxMessage } from '@outbox/outbox/append-messages'
import { MessageError } from '@outbox/outbox/check-message'
import { claimIdempotencyKey, storeIdempotencyKey } from '@outbox/outbox/idempotency-key'
import { isConnectionLost, isRetriable, sqlState } from '@outbox/service/database-error'
import { Problem } from '@outbox/service/problem'
import type pg from 'pg'
import { invalidRequest, notAccepted, otherBody, outcomeUnknown, underWay } from './problems.ts'

/** A request that was read and found right. */
export type MessagesRequest = {
  messages: readonly OutboxMessage[]
  /** The body as it came: with the same key it must be the same. */
  body: Uint8Array
  idempotencyKey: string | undefined
}

/** `replayed`: these ids were given before, and nothing was appended now. */
export type Acceptance = { ids: string[]; replayed: boolean }

/**
 * Puts the messages into the outbox in one transaction; once this resolves they are committed.
 * @throws {Problem} 400 for what the outbox can't keep; 409 or 422 for the Idempotency-Key; 503 when they are certainly not accepted; 500 `outcome-unknown`
 * when the connection was lost in COMMIT
 */
export async function acceptMessages(pool: pg.Pool, request: MessagesRequest): Promise<Acceptance> {
  const client = await connect(pool)
  let broken: Error | undefined
  try {
    const acceptance = await append(client, request)
    if (acceptance.replayed) await client.query('rollback')
    else await commit(client)
    return acceptance
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
    throw notAccepted('the database gave no connection in time', error)
  }
}

async function append(client: pg.PoolClient, request: MessagesRequest): Promise<Acceptance> {
  const { messages, body, idempotencyKey: key } = request
  await client.query('begin')
  if (key === undefined) return { ids: await appendMessages(client, messages), replayed: false }

  const fingerprint = createHash('sha256').update(body).digest()
  const claim = await claimIdempotencyKey(client, { key, fingerprint })
  if (claim.state === 'answered') return { ids: claim.ids, replayed: true }
  if (claim.state === 'under-way') throw underWay()
  if (claim.state === 'other-body') throw otherBody()
  const ids = await appendMessages(client, messages)
  await storeIdempotencyKey(client, { key, fingerprint, ids })
  return { ids, replayed: false }
}

/** Whether the server had committed before it was lost, only an answer tells. */
async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query('commit').catch((error: unknown) => {
    throw isConnectionLost(error) ? outcomeUnknown(error) : error
  })
  if (command !== 'COMMIT') throw notAccepted('the database rolled the transaction back')
}

/** @returns an error when the connection can't be used again */
async function rollBack(client: pg.PoolClient, error: unknown): Promise<Error | undefined> {
  const cause = error instanceof Problem ? error.cause : error
  if (isConnectionLost(cause)) return cause instanceof Error ? cause : new Error(String(cause))
  try {
    await client.query('rollback')
    return undefined
  } catch (rollbackError) {
    return rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError))
  }
}

const queryCanceled = '57014'
const noPartition = '23514'

/** Before COMMIT was sent, and where the server refused it, nothing was accepted. */
function asProblem(error: unknown): unknown {
  if (error instanceof Problem) return error
  if (error instanceof MessageError) {
    return invalidRequest(error.message, [{ path: `/messages/${error.index}/${error.field}`, message: error.message }])
  }
  const state = sqlState(error)
  if (state === queryCanceled) return notAccepted('the database took too long', error)
  if (state === noPartition) return notAccepted('the log has no partition for new messages yet', error)
  return isRetriable(error) ? notAccepted('the database is not available', error) : error
}
