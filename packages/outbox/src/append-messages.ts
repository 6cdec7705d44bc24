import { binaryArray } from './binary-array.ts'
import { checkMessage, MessageError, type OutboxMessage } from './check-message.ts'
import { formatUuid, makeMessageIds, uuidBytes } from './message-id.ts'
import { queryIn, type Transaction } from './transaction.ts'

export type { OutboxMessage } from './check-message.ts'

/** Keeps the id under which a message that is sent again was appended first. */
export const originalIdHeader = 'outbox-original-id'

/** Messages one call may append: a larger set is appended by several calls in the same transaction. */
export const maxMessages = 10_000

export type AppendOptions = {
  /** Takes a lock a key until the transaction ends, so that transactions on one key which share no row lock have an order. */
  lockKeys?: boolean
  /** For what is sent again: the id under which each message was appended first, kept in {@link originalIdHeader}. */
  originalIds?: readonly string[]
}

/**
 * Puts messages into the outbox, within the caller's transaction: they are published if it commits, else they never were.
 * Within a key (and a shard) they are published in the order given.
 * @param tx a `pg` client after BEGIN, or a Drizzle transaction
 * @returns the messages' ids in the same order: uuids of version 7, their time is that of the append
 * @throws {MessageError} when one can't be kept as it is; the transaction may go on, nothing was appended
 */
export async function appendMessages(
  tx: Transaction,
  messages: readonly OutboxMessage[],
  { lockKeys = false, originalIds }: AppendOptions = {},
): Promise<string[]> {
  if (!Array.isArray(messages) || messages.length === 0)
    throw new MessageError(0, 'messages', 'is an empty list: at least 1')
  if (messages.length > maxMessages)
    throw new MessageError(maxMessages, 'messages', `are ${messages.length}: at most ${maxMessages} a call`)
  messages.forEach(checkMessage)
  if (lockKeys) await queryIn(tx, { name: 'outbox-lock-keys', text: lockText, values: [keysOf(messages)] })
  const ids = makeMessageIds(messages.length, Date.now())
  await queryIn(tx, { name: 'outbox-append', text: insertText, values: columns(messages, ids, originalIds) })
  return messages.map((_, index) => formatUuid(ids, index * uuidBytes))
}

/** The sort stands below the insert: ids are handed out, and rows written, in the caller's order. */
const insertText = `
  insert into outbox.message (message_id, topic, key, payload, headers)
  select message_id, topic, key, payload, headers::json
  from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[])
    with ordinality as given(message_id, topic, key, payload, headers, position)
  order by position`

/** Sorted, so that two transactions with the same keys can't wait for each other. */
const lockText = `
  select pg_advisory_xact_lock(hash)
  from (select distinct hashtextextended(key, 1) as hash from unnest($1::text[]) as key order by hash) as sorted`

function keysOf(messages: readonly OutboxMessage[]): Buffer {
  return binaryArray('text', [...new Set(messages.flatMap(({ key }) => key ?? []))])
}

function columns(
  messages: readonly OutboxMessage[],
  ids: Buffer,
  originalIds: readonly string[] | undefined,
): Buffer[] {
  return [
    binaryArray(
      'uuid',
      messages.map((_, index) => ids.subarray(index * uuidBytes, (index + 1) * uuidBytes)),
    ),
    binaryArray(
      'text',
      messages.map(({ topic }) => topic),
    ),
    binaryArray(
      'text',
      messages.map(({ key }) => key ?? null),
    ),
    binaryArray(
      'bytea',
      messages.map(({ payload }) => payload),
    ),
    binaryArray(
      'text',
      messages.map(({ headers }, index) => headersJson(headers, originalIds?.[index])),
    ),
  ]
}

function headersJson(headers: Record<string, string> | undefined, originalId: string | undefined): string | null {
  if (originalId !== undefined) return JSON.stringify({ ...headers, [originalIdHeader]: originalId })
  return headers === undefined ? null : JSON.stringify(headers)
}
