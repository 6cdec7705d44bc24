import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Queryable } from './queryable.ts'

/** `schema` holds the tables and the list of applied migrations; `folder` is what drizzle-kit writes. */
export type Migrations = { schema: string; folder: string }

export const migrationsTable = 'migration'

/**
 * How far a schema is: `pending` are the names of the migrations that it lacks, in order. `applied` and `known` are the times in
 * ms of the newest one that the database and the code have; 0 where there is none.
 */
export type MigrationState = { applied: number; known: number; pending: string[] }

/** Compares the database with the code; changes nothing. */
export async function migrationState(db: Queryable, { schema, folder }: Migrations): Promise<MigrationState> {
  const journal: Journal = JSON.parse(await readFile(join(folder, 'meta', '_journal.json'), 'utf8'))
  const applied = await lastApplied(db, schema)
  const pending = journal.entries.filter(({ when }) => when > applied).map(({ tag }) => tag)
  return { applied, known: journal.entries.at(-1)?.when ?? 0, pending }
}

/** drizzle-kit's list of its migrations. */
type Journal = { entries: { when: number; tag: string }[] }

async function lastApplied(db: Queryable, schema: string): Promise<number> {
  const table = `${pg.escapeIdentifier(schema)}.${migrationsTable}`
  const { rows } = await db.query<{ exists: boolean }>('select to_regclass($1) is not null as exists', [table])
  if (rows[0]?.exists !== true) return 0
  const newest = await db.query<{ at: string | null }>(`select max(created_at) as at from ${table}`)
  return Number(newest.rows[0]?.at ?? 0)
}
