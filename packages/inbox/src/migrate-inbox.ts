import { fileURLToPath } from 'node:url'
import { runMigrations } from '@outbox/outbox/run-migrations'
import type { Pool } from 'pg'

/**
 * Brings the schema `inbox` up to this code's version. Safe to call by several processes at once.
 * @throws {SchemaError} when the database is newer than this code, or privileges are missing
 */
export async function migrateInbox(pool: Pool): Promise<void> {
  await runMigrations(pool, { schema: 'inbox', folder: fileURLToPath(new URL('../migrations', import.meta.url)) })
}
