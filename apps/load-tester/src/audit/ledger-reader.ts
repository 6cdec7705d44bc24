import { readProgress } from '@outbox/ledger/read-progress'
import { type Effect, streamEffects } from '@outbox/ledger/stream-effects'
import pg from 'pg'

/** The database as the tester uses it: it reads what the run left behind. */
export type LedgerReader = {
  /** The groups that were ever registered: one that is down is late, not absent. */
  groups(): Promise<string[]>
  /** Effects counted so far, by group. */
  progress(run: string): Promise<Map<string, number>>
  stream(run: string, onEffect: (effect: Effect) => void): Promise<void>
  /** The database's clock, in ms since 1970, with fractions. */
  clockMs(): Promise<number>
  pool: pg.Pool
  close(): Promise<void>
}

/** The database isn't to be had, or holds no ledger. */
export class LedgerUnavailableError extends Error {
  readonly code = 'OUTBOX_LOADTEST_LEDGER'
  override name = 'LedgerUnavailableError'
}

/**
 * Connects to the database with the ledger.
 * @throws {LedgerUnavailableError} naming the remedy
 */
export async function openLedger(databaseUrl: string): Promise<LedgerReader> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'load-tester',
    max: 2,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  })
  // A connection that is lost while idle is replaced; one that is lost in use makes its query fail.
  pool.on('error', () => {})
  try {
    await expectLedger(pool)
  } catch (error) {
    await pool.end()
    throw error
  }
  return {
    pool,
    groups: async () => {
      const { rows } = await pool.query<{ name: string }>('select name from inbox.consumer_group order by name')
      return rows.map(({ name }) => name)
    },
    async clockMs() {
      const { rows } = await pool.query<{ ms: number }>(
        'select extract(epoch from clock_timestamp())::float8 * 1000 as ms',
      )
      return rows[0]?.ms ?? Number.NaN
    },
    async progress(run) {
      const byGroup = new Map<string, number>()
      for (const { group, effects } of await readProgress(pool, run))
        byGroup.set(group, (byGroup.get(group) ?? 0) + Number(effects))
      return byGroup
    },
    async stream(run, onEffect) {
      const client = await pool.connect()
      let failed = true
      try {
        await streamEffects(client, { run, onEffect })
        failed = false
      } finally {
        client.release(failed)
      }
    },
    close: () => pool.end(),
  }
}

async function expectLedger(pool: pg.Pool): Promise<void> {
  let found: boolean | undefined
  try {
    const { rows } = await pool.query<{ found: boolean }>(
      `select to_regclass('ledger.progress') is not null and to_regclass('inbox.consumer_group') is not null as found`,
    )
    found = rows[0]?.found
  } catch (error) {
    const reason =
      error instanceof Error ? error.message || ('code' in error ? String(error.code) : 'no reason') : String(error)
    throw new LedgerUnavailableError(`the database for the audit does not answer (${reason})`, { cause: error })
  }
  if (found !== true)
    throw new LedgerUnavailableError('the database holds no ledger: no consumer was ever started on it')
}
