import { fileURLToPath } from 'node:url'
import { runMigrations } from '@outbox/outbox/run-migrations'
import type { Pool } from 'pg'

/**
 * Brings the schema `ledger` up to this code's version. Safe to call by several processes at once.
 * @throws {SchemaError} when the database is newer than this code, or privileges are missing
 */
export async function migrateLedger(pool: Pool): Promise<void> {
  await runMigrations(pool, { schema: 'ledger', folder: fileURLToPath(new URL('../migrations', import.meta.url)) })
}
