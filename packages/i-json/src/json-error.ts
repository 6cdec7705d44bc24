/** JSON that is broken, or that I-JSON forbids; `path` leads to the place, `offset` counts characters of the text. */
export class JsonError extends Error {
  readonly code = 'OUTBOX_JSON'
  readonly offset: number
  readonly path: (string | number)[] = []

  constructor(message: string, offset: number) {
    super(message)
    this.name = 'JsonError'
    this.offset = offset
  }

  /** Says in which member or item it happened, from the inside to the outside. */
  static within(step: string | number | undefined, error: unknown): unknown {
    if (error instanceof JsonError && step !== undefined) error.path.unshift(step)
    return error
  }
}
