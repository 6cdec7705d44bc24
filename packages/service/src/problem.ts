/** A field of the request and what is wrong with it; `path` is a JSON Pointer into the body, or a header's name. */
export type FieldError = { path: string; message: string }

/**
 * A problem document.
 * @see RFC 9457, "Problem Details for HTTP APIs"
 */
export type ProblemDocument = { type: string; title: string; status: number; detail: string; errors?: FieldError[] }

/** An answer that isn't a success; the error handler of `createHttpServer` turns it into a problem document. */
export class Problem extends Error {
  readonly code = 'OUTBOX_PROBLEM'
  readonly document: ProblemDocument
  /** Seconds, for `Retry-After`. */
  readonly retryAfterSeconds: number | undefined
  /** Fields that its log line has besides, such as `messageId`; not for the client. */
  readonly logged: Readonly<Record<string, unknown>>

  constructor(
    document: ProblemDocument,
    options: { retryAfterSeconds?: number; cause?: unknown; logged?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(document.detail, { cause: options.cause })
    this.name = 'Problem'
    this.document = document
    this.retryAfterSeconds = options.retryAfterSeconds
    this.logged = options.logged ?? {}
  }
}
