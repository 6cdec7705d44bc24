import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** A database of a benchmark's own, with pipelined clients; leaving the scope drops it, whoever is still connected. */
export type BenchDatabase = AsyncDisposable & { url: string; pool: pg.Pool }

/** How the names of all databases of benchmarks begin. */
const prefix = 'bench_'
const connections = 16

/**
 * Makes an empty database.
 * @param serverUrl the URL of any database of the server
 * @param prepare is awaited before the database is handed out: migrations
 */
export async function benchDatabase(
  serverUrl: string,
  prepare: (pool: pg.Pool) => Promise<unknown>,
): Promise<BenchDatabase> {
  const name = `${prefix}${randomBytes(6).toString('hex')}`
  await runOn(serverUrl, `create database ${name}`)
  await using made = new AsyncDisposableStack()
  made.defer(async () => void (await runOn(serverUrl, `drop database ${name} with (force)`)))
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  const pool = made.adopt(new pg.Pool({ connectionString: url, max: connections, pipeline: true }), (pool) =>
    pool.end(),
  )
  pool.on('error', () => {})
  await prepare(pool)
  const resources = made.move()
  return { url, pool, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** Writes out what is dirty now, so that it doesn't happen in the middle of a measurement. Needs a superuser. */
export async function settleDatabase({ pool }: BenchDatabase): Promise<void> {
  await pool.query('checkpoint').catch(() => {})
}

/** Drops what killed runs have left on a server that only benchmarks use. */
export async function dropLeftDatabases(serverUrl: string): Promise<void> {
  const found = await runOn(serverUrl, `select datname from pg_database where starts_with(datname, '${prefix}')`)
  for (const { datname } of found.rows) await runOn(serverUrl, `drop database ${datname} with (force)`)
}

/** One statement on a connection of its own. */
async function runOn(url: string, statement: string): Promise<pg.QueryResult<{ datname: string }>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query(statement)
  } finally {
    await client.end()
  }
}
