import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { formatPlace } from '@outbox/outbox/place'
import type pg from 'pg'
import { type ApplyOnce, applyOnce } from '../src/apply-once.ts'
import type { DeliveredBatch, DeliveredMessage } from '../src/delivered-batch.ts'
import type { Handler } from '../src/handler.ts'
import { migrateInbox } from '../src/migrate-inbox.ts'

export const log = '0123456789ab'

/** A database with the inbox, and a table for the effects of `recordEffects`. */
export function inboxDatabase() {
  return freshDatabase(async (pool) => {
    await migrateInbox(pool)
    await pool.query('create table effect (seq bigint generated always as identity, group_name text, value text)')
  })
}

/** Each message's value becomes a row: twice applied, twice there. */
export const recordEffects: Handler = async (tx, messages, { group }) => {
  const values = messages.map(({ value }) => value?.toString())
  await tx.query(
    'insert into effect (group_name, value) select $1, value from unnest($2::text[]) with ordinality as m (value, nth) order by nth',
    [group, values],
  )
}

/** Values in the order in which they took effect. */
export async function effects(db: pg.Pool, group = 'a'): Promise<string[]> {
  const { rows } = await db.query('select value from effect where group_name = $1 order by seq', [group])
  return rows.map(({ value }) => value)
}

/** A relay's message; its value tells its place. */
export function relayed(
  offset: number,
  id: number,
  { shard = 0, n = 1, of = log, key = 'k' }: { shard?: number; n?: number; of?: string; key?: string } = {},
): DeliveredMessage {
  const place = formatPlace({ log: of, shard, n: BigInt(n), id: BigInt(id) })
  return { ...foreign(offset, `${shard}/${n}.${id}`), key: Buffer.from(key), headers: { 'outbox-place': place } }
}

/** A message that no relay has sent. */
export function foreign(offset: number, value = `foreign ${offset}`): DeliveredMessage {
  return { offset: BigInt(offset), key: null, value: Buffer.from(value), headers: {}, timestamp: 1_700_000_000_000 }
}

/** Messages as one fetch brings them, from the first one's offset unless said otherwise. */
export function batchOf(messages: DeliveredMessage[], rest: Partial<DeliveredBatch> = {}): DeliveredBatch {
  return {
    topic: 'events',
    partition: 0,
    fetchedOffset: messages[0]?.offset ?? 0n,
    soughtOffset: messages[0]?.offset ?? 0n,
    logStart: 0n,
    logEnd: 1_000_000n,
    messages,
    signal: new AbortController().signal,
    ...rest,
  }
}

/** `applyOnce` for group `a`, without waiting between attempts. */
export function apply(db: pg.Pool, batch: DeliveredBatch, options: Partial<ApplyOnce> = {}) {
  return applyOnce(db, {
    group: 'a',
    batch,
    handler: recordEffects,
    retry: { maxAttempts: 3, waitMs: () => 1 },
    deadLetters: { full: () => undefined, added: () => {} },
    signal: new AbortController().signal,
    logger: silent,
    ...options,
  })
}

export const silent = { warn: () => {}, error: () => {} }
