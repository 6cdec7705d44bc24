/** As many are parked as the settings allow: what comes next waits in the log. */
export class DeadLettersFullError extends Error {
  readonly code = 'OUTBOX_DEAD_LETTERS_FULL'

  constructor(parked: number) {
    super(
      `${parked} messages are parked, which is RELAY_MAX_DEAD_LETTERS: nothing moves until some are requeued or discarded ` +
        '(pnpm outbox dead-letters), or the setting is raised',
    )
    this.name = 'DeadLettersFullError'
  }
}

/**
 * Bounds the dead letters: where nearly everything is refused, the topic is at fault and not the messages. Counted now and then,
 * so that a few more than `max` may be parked.
 */
export class DeadLetterLimit {
  readonly #max: number
  #parked = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Notes how many are parked. */
  counted(parked: number): void {
    this.#parked = parked
  }

  /** @throws {DeadLettersFullError} when no more may be parked */
  check(): void {
    if (this.#parked >= this.#max) throw new DeadLettersFullError(this.#parked)
  }
}
