import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import './test-services.ts'

/** A database of a test's own; leaving the scope drops it, whoever is still connected. */
export type FreshDatabase = AsyncDisposable & {
  url: string
  pool: pg.Pool
  /** One more pool, which ends with the database. */
  openPool: (options: pg.PoolConfig) => pg.Pool
}

/**
 * Makes an empty database on the run's PostgreSQL.
 * @param prepare is awaited before the database is handed out: migrations, for instance
 */
export async function freshDatabase(prepare?: (pool: pg.Pool) => Promise<unknown>): Promise<FreshDatabase> {
  const admin = new pg.Client({ connectionString: inject('databaseUrl') })
  await admin.connect()
  const name = `test_${randomBytes(6).toString('hex')}`
  await admin.query(`create database ${name}`)
  const url = new URL(inject('databaseUrl'))
  url.pathname = `/${name}`
  const pools: pg.Pool[] = []
  const openPool = (options: pg.PoolConfig) => {
    const pool = new pg.Pool({ connectionString: url.href, ...options })
    // A pool has ended before its connections have: what the forced drop says to them is nobody's error.
    pool.on('error', () => {})
    pools.push(pool)
    return pool
  }
  const pool = openPool({ max: 20 })
  await prepare?.(pool)
  return {
    url: url.href,
    pool,
    openPool,
    async [Symbol.asyncDispose]() {
      await Promise.all(pools.map((pool) => pool.end()))
      await admin.query(`drop database ${name} with (force)`)
      await admin.end()
    },
  }
}
