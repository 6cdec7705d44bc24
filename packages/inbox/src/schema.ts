import { sql } from 'drizzle-orm'
import { bigint, customType, index, integer, json, pgSchema, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

/** What the consumers' side keeps, in the database that their effects go to. */
export const inbox = pgSchema('inbox')

/** The groups that were ever started: one that is down is late, not absent. */
export const consumerGroup = inbox.table('consumer_group', {
  name: text().primaryKey(),
  registeredAt: timestamp('registered_at', { withTimezone: true }).notNull().defaultNow(),
})

/**
 * How far a group has come in a Kafka partition: the offset it goes on from, null where it begins at the log's start; and of each
 * shard the last place that it has applied from there, as in the header `outbox-place`.
 */
export const kafkaOffset = inbox.table(
  'kafka_offset',
  {
    groupName: text('group_name').notNull(),
    topic: text().notNull(),
    partition: integer().notNull(),
    nextOffset: bigint('next_offset', { mode: 'bigint' }),
    positions: text().array().notNull().default([]),
  },
  (table) => [primaryKey({ columns: [table.groupName, table.topic, table.partition] })],
)

/**
 * Messages that a group's handler refused again and again. Headers are `json`, not `jsonb`, which cannot hold
 * `\u0000`; place and message id are text as in the headers, since a foreign producer may have written anything.
 */
export const deadLetter = inbox.table(
  'dead_letter',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    groupName: text('group_name').notNull(),
    topic: text().notNull(),
    partition: integer().notNull(),
    kafkaOffset: bigint('kafka_offset', { mode: 'bigint' }).notNull(),
    place: text(),
    messageId: text('message_id'),
    key: bytea(),
    value: bytea(),
    headers: json().notNull(),
    publishedAt: timestamp('published_at', { withTimezone: true }).notNull(),
    reason: text().notNull(),
    attempts: integer().notNull(),
    firstFailedAt: timestamp('first_failed_at', { withTimezone: true }).notNull(),
    lastFailedAt: timestamp('last_failed_at', { withTimezone: true }).notNull().defaultNow(),
    /** Set by an operator; the group's next idle member applies it again. */
    replayRequestedAt: timestamp('replay_requested_at', { withTimezone: true }),
  },
  (table) => [
    index('dead_letter_by_group').on(table.groupName, table.id),
    index('dead_letter_to_replay').on(table.groupName, table.id).where(sql`${table.replayRequestedAt} is not null`),
  ],
)
