import type { DeadLetterBound } from '@outbox/inbox/apply-once'

/** The group keeps as many dead letters as the settings allow: a message that fails holds its partition. */
export class DeadLettersFullError extends Error {
  readonly code = 'OUTBOX_DEAD_LETTERS_FULL'

  constructor({ group, kept }: { group: string; kept: number }) {
    super(
      `group ${group} keeps ${kept} dead letters, and CONSUMER_MAX_DEAD_LETTERS allows no more: a message that its handler ` +
        `fails holds its partition until some are requeued or discarded (pnpm outbox dead-letters list --group ${group}), ` +
        'or the setting is raised',
    )
    this.name = 'DeadLettersFullError'
  }
}

/**
 * Bounds the dead letters of a group: where nearly everything fails, the handler is at fault and not the messages. Counted now
 * and then, so that each of its members may add a few more than `max`.
 */
export class DeadLetterLimit implements DeadLetterBound {
  readonly #group: string
  readonly #max: number
  #kept = 0

  constructor({ group, max }: { group: string; max: number }) {
    this.#group = group
    this.#max = max
  }

  /** As last counted, and those added since. */
  get kept(): number {
    return this.#kept
  }

  /** Notes how many the group keeps, those of its other members among them. */
  counted(kept: number): void {
    this.#kept = kept
  }

  added(count: number): void {
    this.#kept += count
  }

  full(): DeadLettersFullError | undefined {
    return this.#kept < this.#max ? undefined : new DeadLettersFullError({ group: this.#group, kept: this.#kept })
  }
}
