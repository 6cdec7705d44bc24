const longestReason = 500

/**
 * What an error says, in one line for a log or for `/health/ready`, without what it may quote: values of rows and parameters, keys,
 * payloads, passwords.
 */
export function reasonOf(error: unknown): string {
  const line = wordsOf(error).replace(credentials, '$1…@').replace(/\s+/g, ' ')
  return line.length > longestReason ? `${line.slice(0, longestReason).toWellFormed()}…` : line
}

/** What stands before the host of a URL. */
const credentials = /(:\/\/)\S*@/g

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return `${error === null ? 'null' : typeof error} was thrown, no error`
  const { cause } = error
  const message = String(error.message)
  if (isServerError(error))
    return mayQuote(error) ? `PostgreSQL gave ${error.code}, whose words may quote a value` : message
  // V8 quotes what it could not read: JSON, numbers, a module's text.
  if (error instanceof SyntaxError) return 'a text can not be read'
  // Drizzle puts the values behind the statement; what the server said is its cause.
  if ('params' in error) return cause === undefined ? 'a statement failed' : `a statement failed: ${wordsOf(cause)}`
  // Node tries the addresses of a host one after the other, and says nothing itself.
  if (error instanceof AggregateError && message === '') return error.errors.map(wordsOf).join('; ')
  // So does Node quote an argument that it can't use.
  if ('code' in error && String(error.code).startsWith('ERR_')) return message.replace(/\.? Received .*$/s, '')
  return message
}

/** An error that a PostgreSQL server has sent; `where` is set where it arose within something. */
export type ServerError = Error & { severity: string; code: string; where?: unknown }

/** By its fields, since a handler may bring a `pg` of its own. */
export function isServerError(error: Error): error is ServerError {
  return 'severity' in error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
}

/**
 * Whether the server's words may quote data: those about a value (class 22), and those that come out of a function, which says what it
 * likes. All others name tables, columns, constraints and roles; what they are about stands in `detail`, which no log shows.
 */
function mayQuote({ code, where }: ServerError): boolean {
  return code.startsWith('22') || /\bfunction\b|SQL statement/.test(String(where ?? ''))
}
