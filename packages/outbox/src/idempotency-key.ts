import type { Queryable } from './queryable.ts'
import { queryIn, type Transaction } from './transaction.ts'

/** `key` is the client's; `fingerprint`, a hash of the request, tells whether it is the same one again. */
export type IdempotentRequest = { key: string; fingerprint: Uint8Array }

export type IdempotencyState =
  | { state: 'new' }
  | { state: 'answered'; ids: string[] }
  | { state: 'under-way' }
  | { state: 'other-body' }

/**
 * Asks what became of a request, within the transaction (READ COMMITTED) that will append its messages. Where it is new, the
 * key is this transaction's until it ends: one that comes at the same time is told that it is under way, it doesn't wait.
 */
export async function claimIdempotencyKey(tx: Transaction, request: IdempotentRequest): Promise<IdempotencyState> {
  // Two statements: the second one's snapshot is taken after the lock, and so sees the answer of whoever held it before. Without
  // the lock it says nothing, but a pipelined client needs no round trip of its own for it.
  const [[lock], [answer]] = await Promise.all([
    queryIn<{ locked: boolean }>(tx, { name: 'outbox-lock-key', text: lockText, values: [request.key] }),
    queryIn<{ same: boolean; ids: string[] }>(tx, {
      name: 'outbox-read-key',
      text: readText,
      values: [request.key, bytesOf(request)],
    }),
  ])
  if (lock?.locked !== true) return { state: 'under-way' }
  if (answer === undefined) return { state: 'new' }
  return answer.same ? { state: 'answered', ids: answer.ids } : { state: 'other-body' }
}

/** Keeps the answer, in the transaction that {@link claimIdempotencyKey} called new. */
export async function storeIdempotencyKey(
  tx: Transaction,
  request: IdempotentRequest & { ids: readonly string[] },
): Promise<void> {
  const values = [request.key, bytesOf(request), request.ids]
  await queryIn(tx, { name: 'outbox-store-key', text: storeText, values })
}

/** The ids of the messages that a request appended, in its order; undefined where it appended none, or that is forgotten. */
export async function findIdempotentIds(db: Queryable, key: string): Promise<string[] | undefined> {
  const text = 'select ids::text[] as ids from outbox.idempotency_key where key = $1::text'
  const { rows } = await db.query<{ ids: string[] }>(text, [key])
  return rows[0]?.ids
}

/** A driver must not take a plain Uint8Array for a list of numbers. */
function bytesOf({ fingerprint }: IdempotentRequest): Buffer {
  return Buffer.from(fingerprint.buffer, fingerprint.byteOffset, fingerprint.byteLength)
}

const lockText = 'select pg_try_advisory_xact_lock(hashtextextended($1::text, 2)) as locked'
const readText =
  'select fingerprint = $2::bytea as same, ids::text[] as ids from outbox.idempotency_key where key = $1::text'
const storeText = 'insert into outbox.idempotency_key (key, fingerprint, ids) values ($1::text, $2::bytea, $3::uuid[])'
