import pg from 'pg'
import type { Queryable } from './queryable.ts'

/**
 * The rows of `select`, each as PostgreSQL's binary COPY writes it, to be decoded by who knows its columns.
 * Against rows through `pg` (text, bytes as hex) this took 2.1 instead of 4.0 µs of CPU a message here, and 2.5 instead of
 * 3.1 µs there. COPY takes no parameters: values stand in the text, so only numbers and what was checked may go in.
 * @see https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export async function copyRows(db: Queryable, select: string): Promise<Buffer[]> {
  const copy = new CopyQuery(`copy (${select}) to stdout (format binary)`)
  await new Promise<void>((resolve, reject) => {
    // Pool and client both take a query object with a callback; the types know it of neither.
    const run = db.query.bind(db) as unknown as (query: CopyQuery, done: (error: Error | null) => void) => void
    run(copy, (error) => (error ? reject(error) : resolve()))
  })
  return copy.rows
}

const headerBytes = 19
const trailerBytes = 2

/** PostgreSQL sends a CopyData a row; the header stands before the first one, the trailer alone. */
class CopyQuery extends pg.Query {
  readonly rows: Buffer[] = []
  private headerSeen = false

  /** Called by `pg`, whose parser uses the chunk's memory again: it must be copied. */
  handleCopyData({ chunk }: { chunk: Buffer }): void {
    const row = this.headerSeen ? chunk : chunk.subarray(headerBytes)
    this.headerSeen = true
    if (row.length > trailerBytes) this.rows.push(Buffer.from(row))
  }
}
