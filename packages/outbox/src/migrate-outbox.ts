import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { defaultPartitionBounds, ensurePartitions, type PartitionBounds } from './ensure-partitions.ts'
import { runMigrations } from './run-migrations.ts'

/**
 * Makes the schema `outbox` what this code expects: tables, the log's id, its 16 shards, the first tick, the first partitions.
 * Producers and relays call it at their start, any number at once.
 * @throws {SchemaError} when the schema is newer than the code, or may not be made
 */
export async function migrateOutbox(
  pool: pg.Pool,
  partitions: PartitionBounds = defaultPartitionBounds,
): Promise<void> {
  await runMigrations(pool, { schema: 'outbox', folder: fileURLToPath(new URL('../migrations', import.meta.url)) })
  await ensurePartitions(pool, partitions)
}
