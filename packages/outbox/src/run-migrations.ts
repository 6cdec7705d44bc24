import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { SchemaError } from './schema-error.ts'

/** `schema` holds the tables and the list of applied migrations; `folder` is what drizzle-kit writes. */
export type Migrations = { schema: string; folder: string }

const migrationsTable = 'migration'

/**
 * Brings `schema` up to the code. Any number may do so at once: one works, the others wait for it.
 * @throws {SchemaError} when the database knows migrations that the code doesn't, or the role may not make what is missing
 */
export async function runMigrations(pool: pg.Pool, { schema, folder }: Migrations): Promise<void> {
  const client = await pool.connect()
  // A lost connection fails the query under way; the event beside it would end the process.
  client.on('error', () => {})
  try {
    // Drizzle's migrator takes no lock. Waiting for another's migration, and a long one, must not time out.
    await client.query('set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0')
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [`migrations of ${schema}`])
    const known = readMigrationFiles({ migrationsFolder: folder }).at(-1)?.folderMillis ?? 0
    const applied = await lastApplied(client, schema)
    if (applied > known) throw newerSchema(schema, applied, known)
    if (applied < known)
      await migrate(drizzle(client), { migrationsFolder: folder, migrationsSchema: schema, migrationsTable })
  } catch (error) {
    throw isForbidden(error) ? forbidden(schema, error) : error
  } finally {
    // Ends the session, and with it the lock and the settings.
    client.release(true)
  }
}

/** The newest applied migration's time in ms; 0 when there is none. */
async function lastApplied(client: pg.ClientBase, schema: string): Promise<number> {
  const table = `${pg.escapeIdentifier(schema)}.${migrationsTable}`
  const { rows } = await client.query<{ exists: boolean }>('select to_regclass($1) is not null as exists', [table])
  if (rows[0]?.exists !== true) return 0
  const newest = await client.query<{ at: string | null }>(`select max(created_at) as at from ${table}`)
  return Number(newest.rows[0]?.at ?? 0)
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
