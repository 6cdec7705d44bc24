import { isServerError, reasonOf } from './reason-of.ts'

/** An error in a log: at most so much of it, and nothing that may quote a message, a row or a password. */
export type LoggedError = {
  /** Its class. */
  type: string
  /** Left out where only strangers know what it may quote. */
  message?: string
  /** Where it was thrown, without its words; only that of the last cause. */
  stack?: string
  cause?: LoggedError
} & Record<string, unknown>

const deepestCause = 5
const mostFrames = 12
const longestField = 200

/** Fields that name things, never values. PostgreSQL's `detail`, `hint`, `where` and `internalQuery` quote rows and parameters. */
const namesOfPostgres = ['code', 'severity', 'schema', 'table', 'column', 'constraint']
const names = [
  ...namesOfPostgres,
  'kafkaCode',
  'syscall',
  'address',
  'port',
  'broker',
  'topic',
  'partition',
  'retriable',
]

/**
 * pino's serializer of `err`. Unlike pino's own it shows known fields only, and of bounded length. An error of any package may say by
 * `causeIsPrivate` that its cause was thrown by somebody's own code, such as a handler: what that says may quote the message that
 * it was thrown for, so only its class, its code and where it was thrown are shown.
 */
export function loggedError(error: unknown): LoggedError {
  return describe(error, { isPrivate: false, depth: 1 })
}

/** What can be said in a few words of an error that somebody's own code has thrown: its class, and its code where it names one. */
export function strangersReason(error: unknown): string {
  const { type, code } = describe(error, { isPrivate: true, depth: deepestCause })
  return code === undefined ? type : `${type} ${code}`
}

function describe(error: unknown, { isPrivate, depth }: { isPrivate: boolean; depth: number }): LoggedError {
  const type = typeOf(error)
  if (!(error instanceof Error)) return { type }
  const { cause } = error
  const isLast = cause === undefined || depth === deepestCause
  const causeIsPrivate = isPrivate || ('causeIsPrivate' in error && error.causeIsPrivate === true)
  return {
    type,
    ...(!isPrivate && { message: reasonOf(error) }),
    ...pick(error, isPrivate ? privateNames(error) : names),
    ...(isLast
      ? { stack: framesOf(error) }
      : { cause: describe(cause, { isPrivate: causeIsPrivate, depth: depth + 1 }) }),
  }
}

/** The name of its class: `name` is a field like any other, and anybody may write into it. Of what is no error, its JavaScript type. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return error === null ? 'null' : typeof error
  return String(Object.getPrototypeOf(error)?.constructor?.name).slice(0, longestField)
}

/** Whoever throws an error of his own may put a value into any field, `code` included. */
function privateNames(error: Error): string[] {
  if (isServerError(error)) return namesOfPostgres
  return 'code' in error && /^(ERR_[A-Z_]+|E[A-Z]{2,20})$/.test(String(error.code)) ? ['code'] : []
}

function pick(error: Error, fields: readonly string[]): Record<string, string | number | boolean> {
  const picked: Record<string, string | number | boolean> = {}
  for (const field of fields) {
    const value: unknown = (error as unknown as Record<string, unknown>)[field]
    if (typeof value === 'string') picked[field] = value.slice(0, longestField)
    else if (typeof value === 'number' || typeof value === 'boolean') picked[field] = value
  }
  return picked
}

/** A stack begins with the message, which may be of several lines that look like frames. */
function framesOf({ stack, message }: Error): string {
  const text = String(stack ?? '')
  const messageAt = text.indexOf(String(message))
  const frames = text.slice(messageAt === -1 ? 0 : messageAt + String(message).length).split('\n')
  return frames
    .filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line) && !line.includes('(node:internal/'))
    .slice(0, mostFrames)
    .map((line) => line.trim().slice(0, longestField))
    .join('\n')
}
