import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { defaultPartitionBounds, ensurePartitions, type PartitionBounds } from './ensure-partitions.ts'
import type { Migrations } from './migration-state.ts'
import { runMigrations } from './run-migrations.ts'

export const outboxMigrations: Migrations = {
  schema: 'outbox',
  folder: fileURLToPath(new URL('../migrations', import.meta.url)),
}

/**
 * Makes the schema `outbox` what this code expects: tables, the log's id, its 16 shards, the first tick, the first partitions.
 * Producers and relays call it at their start, any number at once.
 * @returns the names of the migrations that were missing
 * @throws {SchemaError} when the schema is newer than the code, or may not be made
 */
export async function migrateOutbox(
  pool: pg.Pool,
  partitions: PartitionBounds = defaultPartitionBounds,
): Promise<string[]> {
  const applied = await runMigrations(pool, outboxMigrations)
  await ensurePartitions(pool, partitions)
  return applied
}
