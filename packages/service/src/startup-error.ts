/** An app can't start; the message says what is missing and what to do about it. */
export class StartupError extends Error {
  readonly code = 'OUTBOX_STARTUP'
  /** True when starting again changes nothing until an operator has changed something. */
  readonly operatorNeeded: boolean

  constructor(message: string, options: { operatorNeeded: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.name = 'StartupError'
    this.operatorNeeded = options.operatorNeeded
  }
}
