import type { Queryable } from '@outbox/outbox/queryable'
import pg from 'pg'
import { type Finding, ok, warning, wrong } from './finding.ts'

/** What the server is, and what a session gets there that sets nothing itself. */
export type ServerFacts = {
  database: string
  version: number
  versionText: string
  isReplica: boolean
  fsync: boolean
  fullPageWrites: boolean
  autovacuum: boolean
  synchronousCommit: string
  idleInTransactionMs: number
  readOnly: boolean
  preparedMax: number
}

/** Whether the server is one that keeps the promise. */
export async function checkServer(databaseUrl: string): Promise<Finding[]> {
  const session = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 })
  session.on('error', () => {})
  await session.connect()
  try {
    return serverFindings(await readServer(session))
  } finally {
    await session.end()
  }
}

async function readServer(session: Queryable): Promise<ServerFacts> {
  const { rows } = await session.query<ServerFacts>(`
    select current_database() as database, current_setting('server_version_num')::int as version, current_setting('server_version') as "versionText",
      pg_is_in_recovery() as "isReplica",
      current_setting('fsync')::bool as fsync, current_setting('full_page_writes')::bool as "fullPageWrites",
      current_setting('autovacuum')::bool as autovacuum,
      current_setting('synchronous_commit') as "synchronousCommit",
      (select setting::int from pg_settings where name = 'idle_in_transaction_session_timeout') as "idleInTransactionMs",
      current_setting('default_transaction_read_only')::bool as "readOnly",
      current_setting('max_prepared_transactions')::int as "preparedMax"`)
  return rows[0] as ServerFacts
}

/** Oldest version that the statements of the outbox run on. */
const oldestVersion = 150_000

export function serverFindings(facts: ServerFacts): Finding[] {
  return [
    facts.version >= oldestVersion
      ? ok('postgresql', `PostgreSQL ${facts.versionText}`)
      : wrong('postgresql', `PostgreSQL ${facts.versionText} is too old`, 'upgrade to 15 or newer'),
    primaryFinding(facts),
    facts.fsync && facts.fullPageWrites
      ? ok('durability', 'fsync and full_page_writes are on')
      : wrong(
          'durability',
          `${facts.fsync ? 'full_page_writes' : 'fsync'} is off: a crash of the machine loses messages that were answered 202`,
          'set fsync = on and full_page_writes = on in postgresql.conf',
        ),
    facts.synchronousCommit === 'off'
      ? warning(
          'synchronous-commit',
          'synchronous_commit is off: the apps set it, but who appends in sessions of his own may lose what was committed last',
          `alter database ${facts.database} set synchronous_commit = on`,
        )
      : ok('synchronous-commit', `synchronous_commit is ${facts.synchronousCommit}`),
    facts.idleInTransactionMs === 0
      ? warning(
          'idle-in-transaction',
          'sessions of others than the apps may stand still in a transaction for ever, and keep partitions from being dropped',
          `alter database ${facts.database} set idle_in_transaction_session_timeout = '60s'`,
        )
      : ok('idle-in-transaction', `idle_in_transaction_session_timeout is ${facts.idleInTransactionMs} ms`),
    facts.autovacuum
      ? ok('autovacuum', 'autovacuum is on')
      : warning(
          'autovacuum',
          'autovacuum is off: positions and ticks become slower with each update',
          'set autovacuum = on in postgresql.conf',
        ),
    ok(
      'prepared-transactions',
      facts.preparedMax === 0
        ? 'nobody can prepare a transaction and forget it'
        : `up to ${facts.preparedMax} transactions may be prepared; one that is forgotten shows as open for long`,
    ),
  ]
}

function primaryFinding({ database, isReplica, readOnly }: ServerFacts): Finding {
  if (isReplica) return wrong('primary', 'this is a hot standby', 'name the primary with --database-url')
  if (readOnly) {
    const remedy = `alter database ${database} reset default_transaction_read_only, or the same for the role`
    return wrong('primary', 'sessions are read-only here', remedy)
  }
  return ok('primary', 'this is the primary')
}
