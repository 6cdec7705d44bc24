import pg from 'pg'
import { type Static, Type } from 'typebox'

/**
 * The settings that every app has. An app adds its own and says where it listens:
 * `Type.Object({ ...ServiceSettings.properties, PORT: portSetting(5501), RELAY_WINDOW_IDS: … })`.
 */
export const ServiceSettings = Type.Object({
  DATABASE_URL: Type.Refine(
    Type.String({ secret: true, description: 'PostgreSQL, the primary' }),
    isConnectionString,
    () => 'a URL like postgres://user:password@host:5432/database (special characters in the password percent-encoded)',
  ),
  DATABASE_POOL_MAX: Type.Integer({ minimum: 1, maximum: 500, default: 10, description: 'connections at most' }),
  DATABASE_CONNECT_TIMEOUT_MS: Type.Integer({
    minimum: 50,
    maximum: 60_000,
    default: 2_000,
    description: 'the longest wait for a connection, free or new',
  }),
  DATABASE_STATEMENT_TIMEOUT_MS: Type.Integer({
    minimum: 100,
    maximum: 600_000,
    default: 5_000,
    description: 'a statement is cancelled after this',
  }),
  DATABASE_IDLE_IN_TRANSACTION_MS: Type.Integer({
    minimum: 100,
    maximum: 600_000,
    default: 5_000,
    description: 'the server ends a session that stands still in a transaction for so long',
  }),
  DATABASE_START_TIMEOUT_MS: Type.Integer({
    minimum: 0,
    maximum: 3_600_000,
    default: 300_000,
    description: 'how long to wait at start for a database that is not there yet',
  }),
  HOST: Type.String({ default: '0.0.0.0', description: 'address to listen on' }),
  PORT: portSetting(),
  // Made of app, host and port where it isn't given.
  INSTANCE: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9._:-]{1,100}$',
      description: 'a name of its own for logs and /health/ready, 1 to 100 of A-Z a-z 0-9 . _ : -',
    }),
  ),
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], { default: 'info' }),
  STOP_TIMEOUT_MS: Type.Integer({
    minimum: 100,
    maximum: 600_000,
    default: 9_000,
    description: 'how long an orderly stop may take',
  }),
})
export type ServiceSettings = Static<typeof ServiceSettings>

/** The setting PORT with an app's own default. 0 lets the system choose. */
export function portSetting(port?: number): Type.TInteger {
  const limits = { minimum: 0, maximum: 65_535, description: 'port to listen on' }
  return Type.Integer(port === undefined ? limits : { ...limits, default: port })
}

function isConnectionString(value: string): boolean {
  if (!/^postgres(ql)?:\/\//.test(value)) return false
  try {
    new pg.Client({ connectionString: value })
    return true
  } catch {
    return false
  }
}
