export type SchemaErrorCode = 'OUTBOX_SCHEMA_NEWER' | 'OUTBOX_SCHEMA_FORBIDDEN'

/** The database's schema can't be used by this code; nothing was changed. */
export class SchemaError extends Error {
  readonly code: SchemaErrorCode

  constructor(code: SchemaErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'SchemaError'
    this.code = code
  }
}
