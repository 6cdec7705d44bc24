import type { FreshDatabase } from '@outbox/local-stack/fresh-database'
import pg from 'pg'

/** A session that stands still in a transaction, until the scope is left. */
export type OpenTransaction = AsyncDisposable & { pid: number; client: pg.Client }

export async function openTransaction({ url }: FreshDatabase, application: string): Promise<OpenTransaction> {
  const client = new pg.Client({ connectionString: url, application_name: application })
  client.on('error', () => {})
  await client.connect()
  await client.query('begin')
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return { pid: rows[0]?.pid ?? 0, client, [Symbol.asyncDispose]: () => client.end() }
}
