/**
 * Tells whether a statement failed by the database's fault and not by what it said, so that the same may succeed
 * later: a deadlock, a serialization failure, a cancelled statement, a server without room or on its way down.
 * An error that wraps such a one (`cause`) counts too. A lost connection has no code: the connection tells.
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isDatabaseFault(error: unknown): boolean {
  return causes(error).some(({ code, message }) => faultCode.test(code) || message === clientTimeOut)
}

/** Tells whether the server stopped the work because it took too long: less of it at once may do. */
export function isTimeOut(error: unknown): boolean {
  return causes(error).some(({ code }) => timeOutCode.test(code))
}

/** Tells whether the server has left a statement unanswered, so that its connection is of no use any more. */
export function isUnanswered(error: unknown): boolean {
  return causes(error).some(({ message }) => message === clientTimeOut)
}

// 08 connection, 40 rollback, 53 resources, 57 operator, 58 system, 25006 a standby, 55P03 a lock's time-out.
const faultCode = /^(08...|40...|53...|57...|58...|25006|55P03|25P03|25P04)$/

// A statement, an idle transaction, a transaction.
const timeOutCode = /^(57014|25P03|25P04)$/

// What pg's `query_timeout` says; it has no code.
const clientTimeOut = 'Query read timeout'

function causes(error: unknown): { code: string; message: string }[] {
  const found: { code: string; message: string }[] = []
  for (let cause = error; cause instanceof Error && found.length < 10; cause = cause.cause) {
    found.push({ code: 'code' in cause ? String(cause.code) : '', message: cause.message })
  }
  return found
}
