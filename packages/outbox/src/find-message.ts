import { originalIdHeader } from './append-messages.ts'
import { lowerBound } from './lower-bound.ts'
import { appendedAtMs, tellsItsTime } from './message-id.ts'
import type { Queryable } from './queryable.ts'
import { shardOfRow } from './shards.ts'

/** A row of the log. */
export type FoundMessage = {
  id: bigint
  messageId: string
  /** Under which it was appended first, where it was sent again. */
  originalId: string | null
  topic: string
  key: string | null
  shard: number
  /** Of the payload; null for a tombstone. */
  bytes: number | null
  createdAt: Date
  /** The transaction that wrote it. */
  xid: string
}

/** One probe of the primary key. */
export async function findMessageById(db: Queryable, id: bigint): Promise<FoundMessage | undefined> {
  return await findOne(db, 'id = $1', [id])
}

/**
 * A message by its uuid, for which there is no index: its time bounds the ids among which it is looked for.
 * @param marginMs how far the clocks of producer and database may be apart, and how long an append may take; `'all'` looks at
 *   every row
 */
export async function findMessageByUuid(
  db: Queryable,
  messageId: string,
  marginMs: number | 'all',
): Promise<FoundMessage | undefined> {
  const { low, high } = await idsOfLog(db)
  const appended = appendedAtMs(messageId)
  const bound = (ms: number) => lowerBound({ low, high, probe: (from) => probeTime(db, from, ms) })
  const [first, end] =
    marginMs === 'all' ? [low, high] : [await bound(appended - marginMs), await bound(appended + marginMs)]
  for (let from = first; from < end; from += idsAtOnce) {
    const to = from + idsAtOnce < end ? from + idsAtOnce : end
    const found = await findOne(db, 'id >= $1 and id < $2 and message_id = $3', [from, to, messageId])
    if (found) return found
  }
  return undefined
}

/** The first is enough for clocks that somebody looks after, and quick; the second for a slow append, or a clock that is off. */
const marginsMs = [10_000, 600_000]

/** A message by its uuid, looked for around the time that it names; undefined also where it names none. */
export async function findMessageNearItsTime(db: Queryable, messageId: string): Promise<FoundMessage | undefined> {
  if (!tellsItsTime(messageId)) return undefined
  for (const marginMs of marginsMs) {
    const found = await findMessageByUuid(db, messageId, marginMs)
    if (found) return found
  }
  return undefined
}

/** What one statement looks through, so that it ends before its time-out. */
const idsAtOnce = 1_000_000n

async function idsOfLog(db: Queryable): Promise<{ low: bigint; high: bigint }> {
  const { rows } = await db.query<{ low: string; high: string }>(`
    select coalesce((select id from outbox.message order by id limit 1), 1) as low, last_value + 1 as high
    from outbox.message_id_seq`)
  return { low: BigInt(rows[0]?.low ?? 1), high: BigInt(rows[0]?.high ?? 1) }
}

/** Ids are handed out in the order of time, but for the moments that a statement takes. */
async function probeTime(db: Queryable, from: bigint, ms: number) {
  const { rows } = await db.query<{ id: string; reached: boolean }>({
    name: 'outbox-probe-time',
    text: `select id, created_at >= to_timestamp($2::float8 / 1000) as reached
      from outbox.message where id >= $1 order by id limit 1`,
    values: [from, ms],
  })
  return rows[0] && { at: BigInt(rows[0].id), reached: rows[0].reached }
}

async function findOne(db: Queryable, condition: string, values: unknown[]): Promise<FoundMessage | undefined> {
  const { rows } = await db.query<Omit<FoundMessage, 'id'> & { id: string }>(
    `select id, message_id as "messageId", headers ->> '${originalIdHeader}' as "originalId", topic, key,
       ${shardOfRow} as shard, octet_length(payload) as bytes, created_at as "createdAt", xid
     from outbox.message where ${condition} order by id limit 1`,
    values,
  )
  return rows[0] && { ...rows[0], id: BigInt(rows[0].id) }
}
