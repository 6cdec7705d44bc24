import { type SQL, sql } from 'drizzle-orm'
import type { Queryable } from './queryable.ts'

/** What Drizzle hands to the callback of `db.transaction`. */
export type DrizzleTransaction = { execute(query: SQL): PromiseLike<unknown> }

/** The caller's open transaction: a `pg` client after BEGIN, or Drizzle's. */
export type Transaction = Queryable | DrizzleTransaction

/** A statement; `name` lets a `pg` client prepare it once a session. */
export type Statement = { name: string; text: string; values: readonly unknown[] }

/** Runs `statement` within the caller's transaction. */
export async function queryIn<Row>(tx: Transaction, { name, text, values }: Statement): Promise<Row[]> {
  const result =
    'execute' in tx ? await tx.execute(inDrizzle(text, values)) : await tx.query({ name, text, values: [...values] })
  return (result as { rows: Row[] }).rows
}

/** `$2` in the text becomes the second value as a parameter, an array as one too. */
function inDrizzle(text: string, values: readonly unknown[]): SQL {
  const parts = text.split(/\$(\d+)/)
  return sql.join(parts.map((part, at) => (at % 2 === 0 ? sql.raw(part) : sql`${sql.param(values[Number(part) - 1])}`)))
}
