import { sql } from 'drizzle-orm'
import { bigint, customType, integer, pgSchema, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const moment = (name: string) => timestamp(name, { withTimezone: true })

/** What load tests leave behind. Partitions and the function that adds them stand in `migrations`. */
export const ledger = pgSchema('ledger')

/**
 * One row for each partition of a topic that a group applied messages of a run from: how many, and where to find them.
 * Counted in the transaction of the effects, so that who waits for a run never has to count rows.
 */
export const progress = ledger.table(
  'progress',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    groupName: text('group_name').notNull(),
    run: text().notNull(),
    topic: text().notNull(),
    partition: integer().notNull(),
    effects: bigint({ mode: 'bigint' }).notNull(),
    /** The ids of its effects are above this one. */
    afterId: bigint('after_id', { mode: 'bigint' }).notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [uniqueIndex('progress_of_run').on(table.run, table.groupName, table.topic, table.partition)],
)

/**
 * What the transactions of a group did, never updated, range-partitioned by `id`, which is the order of the rows: the
 * effects of one run, packed one behind the other by `pack-effects.ts`. A transaction with more than a page of them
 * has several rows. Nothing here is unique: a message that took effect twice must show. No index either, as the audit
 * reads partition by partition and sorts.
 */
export const effect = ledger.table('effect', {
  id: bigint({ mode: 'bigint' }).notNull().generatedAlwaysAsIdentity(),
  appliedAt: moment('applied_at').notNull().default(sql`clock_timestamp()`),
  progressId: integer('progress_id').notNull(),
  effects: bytea().notNull(),
})
