import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import type pg from 'pg'
import { type Migrations, migrationState, migrationsTable } from './migration-state.ts'
import { SchemaError } from './schema-error.ts'

/**
 * Brings `schema` up to the code. Any number may do so at once: one works, the others wait for it.
 * @returns the names of those that were missing, in order; none where all was there
 * @throws {SchemaError} when the database knows migrations that the code doesn't, or the role may not make what is missing
 */
export async function runMigrations(pool: pg.Pool, { schema, folder }: Migrations): Promise<string[]> {
  const client = await pool.connect()
  // A lost connection fails the query under way; the event beside it would end the process.
  client.on('error', () => {})
  try {
    // Drizzle's migrator takes no lock. Waiting for another's migration, and a long one, must not time out.
    await client.query('set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0')
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [`migrations of ${schema}`])
    const { applied, known, pending } = await migrationState(client, { schema, folder })
    if (applied > known) throw newerSchema(schema, applied, known)
    if (pending.length > 0) {
      await migrate(drizzle(client), { migrationsFolder: folder, migrationsSchema: schema, migrationsTable })
    }
    return pending
  } catch (error) {
    throw isForbidden(error) ? forbidden(schema, error) : error
  } finally {
    // Ends the session, and with it the lock and the settings.
    client.release(true)
  }
}

function newerSchema(schema: string, applied: number, known: number): SchemaError {
  const [theirs, ours] = [applied, known].map((at) => new Date(at).toISOString())
  return new SchemaError(
    'OUTBOX_SCHEMA_NEWER',
    `The database's schema "${schema}" is newer (${theirs}) than this code knows (${ours}): run a newer version.`,
  )
}

const insufficientPrivilege = '42501'

/** Drizzle wraps the database's error. */
function isForbidden(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === insufficientPrivilege) || isForbidden(error.cause)
}

function forbidden(schema: string, cause: unknown): SchemaError {
  return new SchemaError(
    'OUTBOX_SCHEMA_FORBIDDEN',
    `The database's role may not create or change the schema "${schema}": migrate once with a role that owns it, ` +
      'or grant CREATE on the database.',
    cause,
  )
}
