import { fileURLToPath } from 'node:url'
import type { Migrations } from '@outbox/outbox/migration-state'
import { runMigrations } from '@outbox/outbox/run-migrations'
import type { Pool } from 'pg'

export const inboxMigrations: Migrations = {
  schema: 'inbox',
  folder: fileURLToPath(new URL('../migrations', import.meta.url)),
}

/**
 * Brings the schema `inbox` up to this code's version. Safe to call by several processes at once.
 * @returns the names of the migrations that were missing
 * @throws {SchemaError} when the database is newer than this code, or privileges are missing
 */
export async function migrateInbox(pool: Pool): Promise<string[]> {
  return await runMigrations(pool, inboxMigrations)
}
