const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT', // a Unix socket that isn't there yet
  '57P01', // admin_shutdown: pg_terminate_backend, a fast shutdown
  '57P02', // crash_shutdown: the postmaster restarts
  '57P03', // cannot_connect_now: still starting up
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
])

// node-postgres gives these no code.
const connectionMessages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error',
  'Client was closed',
]

// Neither the statement's fault nor the data's: the same transaction may well succeed when it is run again.
const retriableCodes = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '25006', // read_only_sql_transaction: the primary became a replica
])

/**
 * Whether the connection is gone (or was never made), so that nobody knows what became of the statement in flight.
 * Looks through `cause`s, since Drizzle wraps what `pg` throws.
 */
export function isConnectionLost(error: unknown): boolean {
  return causes(error).some(
    ({ code, message }) =>
      connectionCodes.has(code) ||
      (code.startsWith('08') && code.length === 5) ||
      connectionMessages.some((start) => message.startsWith(start)),
  )
}

/**
 * Whether the same transaction may be run again as it is: lost connections, deadlocks, serialization failures, a
 * server that is out of disk, memory or connections (class 53). None of these is the fault of what was written.
 */
export function isRetriable(error: unknown): boolean {
  return (
    isConnectionLost(error) ||
    causes(error).some(({ code }) => retriableCodes.has(code) || (code.startsWith('53') && code.length === 5))
  )
}

/** The SQLSTATE that the server gave, if it was the server that refused. */
export function sqlState(error: unknown): string | undefined {
  return causes(error).find(({ code }) => /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code))?.code
}

const deepestCause = 5

function causes(error: unknown): { code: string; message: string }[] {
  const found: { code: string; message: string }[] = []
  for (let at = error; at instanceof Error && found.length < deepestCause; at = at.cause) {
    found.push({ code: 'code' in at ? String(at.code) : '', message: at.message })
  }
  return found
}
