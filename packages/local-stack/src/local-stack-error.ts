/**
 * Something that this machine lacks or that is in the way; the message names it and the remedy, and needs no stack.
 * Codes: OUTBOX_NO_JAVA, OUTBOX_NO_MAVEN, OUTBOX_PORT_TAKEN, OUTBOX_FOLDER_IN_USE, OUTBOX_SERVICE_FAILED, …
 */
export class LocalStackError extends Error {
  readonly code: `OUTBOX_${string}`

  constructor(code: `OUTBOX_${string}`, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LocalStackError'
    this.code = code
  }
}
