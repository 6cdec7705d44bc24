import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, json, pgSchema, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytea, pgSnapshot, xid8 } from './postgres-columns.ts'

/** Everything the outbox keeps. Partitions, storage and the first rows stand in `migrations`. */
export const outbox = pgSchema('outbox')

const position = (name: string) => bigint(name, { mode: 'bigint' })
const moment = (name: string) => timestamp(name, { withTimezone: true })

/** One row, ever: names this log among others, so that its places can't be taken for theirs. */
export const log = outbox.table('log', {
  id: text().primaryKey(),
  shards: integer().notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
})

/**
 * The log itself, range-partitioned by `id`; a row is written once and never updated.
 * `xid` stands before `id`, so that a transaction has its xid before it takes an id: late rows are found by it.
 */
export const message = outbox.table(
  'message',
  {
    xid: xid8().notNull().default(sql`pg_current_xact_id()`),
    id: position('id').primaryKey().generatedAlwaysAsIdentity({ cache: 1 }),
    messageId: uuid('message_id').notNull(),
    topic: text().notNull(),
    key: text(),
    payload: bytea(),
    headers: json().$type<Record<string, string>>(),
    createdAt: moment('created_at').notNull().default(sql`statement_timestamp()`),
  },
  (table) => [index('message_xid_id').on(table.xid, table.id)],
)

/** Cuts the log into batches: a tick's batch is what its snapshot sees and that of the tick before (`prev`) doesn't. */
export const tick = outbox.table('tick', {
  n: position('n').primaryKey(),
  prev: position('prev').unique('tick_prev'),
  snapshot: pgSnapshot().notNull(),
  lastId: position('last_id').notNull(),
  xid: xid8().notNull(),
})

/** Up to which place a shard is published, and which relay may publish it until when. */
export const shard = outbox.table('shard', {
  shard: integer().primaryKey(),
  positionN: position('position_n').notNull(),
  positionId: position('position_id').notNull(),
  relay: text(),
  epoch: position('epoch').notNull().default(sql`0`),
  leaseEndsAt: moment('lease_ends_at'),
  takenOverN: position('taken_over_n').notNull(),
  /** An operator's wish: no relay owns it meanwhile. */
  paused: boolean().notNull().default(false),
})

/** The relays that are alive, one row an instance. */
export const relay = outbox.table('relay', {
  instance: text().primaryKey(),
  relay: text().notNull(),
  leaseEndsAt: moment('lease_ends_at').notNull(),
})

/** From which tick on a topic has how many partitions. */
export const topic = outbox.table(
  'topic',
  {
    topic: text().notNull(),
    fromN: position('from_n').notNull(),
    partitions: integer().notNull(),
  },
  (table) => [primaryKey({ name: 'topic_pkey', columns: [table.topic, table.fromN] })],
)

/**
 * Messages that Kafka refused for good, and those that wait behind one of their key. `id` is the row's in the log: it is parked
 * at most once. One that is sent again is a new row of the log, `resentId`; its dead letter goes when Kafka has confirmed that.
 */
export const deadLetter = outbox.table(
  'dead_letter',
  {
    id: position('id').primaryKey(),
    n: position('n').notNull(),
    shard: integer().notNull(),
    messageId: uuid('message_id').notNull(),
    topic: text().notNull(),
    key: text(),
    payload: bytea(),
    headers: json().$type<Record<string, string>>(),
    code: text().notNull(),
    reason: text().notNull(),
    ambiguous: boolean().notNull(),
    parkedAt: moment('parked_at').notNull().default(sql`statement_timestamp()`),
    /** The row's id when it was parked first: the order in which messages of a key are sent again. */
    firstId: position('first_id').notNull(),
    /** How often Kafka refused it; 0 for one that waits behind another. */
    attempts: integer().notNull(),
    /** When it is sent again; null: when an operator says so. */
    nextAttemptAt: moment('next_attempt_at'),
    /** What comes later with this topic and key waits behind it. */
    holds: boolean().notNull(),
    resentId: position('resent_id'),
  },
  (table) => [
    index('dead_letter_resent_id').on(table.resentId).where(sql`resent_id is not null`),
    index('dead_letter_due').on(table.shard, table.nextAttemptAt).where(sql`resent_id is null`),
    index('dead_letter_key').on(table.topic, table.key, table.firstId).where(sql`holds`),
  ],
)

/** What a request with an `Idempotency-Key` was answered. */
export const idempotencyKey = outbox.table(
  'idempotency_key',
  {
    key: text().primaryKey(),
    fingerprint: bytea().notNull(),
    ids: uuid().array().notNull(),
    createdAt: moment('created_at').notNull().default(sql`statement_timestamp()`),
  },
  (table) => [index('idempotency_key_created_at').on(table.createdAt)],
)
