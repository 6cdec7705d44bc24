import type { Queryable } from './queryable.ts'

/** Which log this is: 12 hexadecimal characters, made by the migration and part of every place. */
export async function readLog(db: Queryable): Promise<{ id: string }> {
  const { rows } = await db.query<{ id: string }>('select id from outbox.log')
  if (rows[0] === undefined || rows.length > 1)
    throw new Error(`outbox.log has ${rows.length} rows: exactly one, made by the migration`)
  return rows[0]
}
