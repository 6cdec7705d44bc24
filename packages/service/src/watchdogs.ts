import type { Logger } from 'pino'

/** One thing to look at: what is wrong and what to do about it, in a sentence; undefined while all is well. */
export type Watchdog<Signs> = { name: string; trouble(signs: Signs): string | undefined }

/** Logs what needs somebody: when it begins, now and then while it lasts, and when it is over. */
export class Watchdogs<Signs> {
  readonly #watchdogs: readonly Watchdog<Signs>[]
  readonly #repeatMs: number
  readonly #logger: Logger
  /** When each barked last. */
  readonly #barkedAtMs = new Map<string, number>()

  /** @param options.repeatMs a line is repeated so often while it goes on */
  constructor(
    watchdogs: readonly Watchdog<Signs>[],
    { logger, repeatMs = 60_000 }: { logger: Logger; repeatMs?: number },
  ) {
    this.#watchdogs = watchdogs
    this.#repeatMs = repeatMs
    this.#logger = logger
  }

  /** @param nowMs of a clock that only goes forward */
  look(signs: Signs, nowMs = performance.now()): void {
    for (const { name, trouble } of this.#watchdogs) {
      const what = trouble(signs)
      if (what === undefined) {
        if (this.#barkedAtMs.delete(name)) this.#logger.info({ watchdog: name }, 'is over')
        continue
      }
      const barkedAtMs = this.#barkedAtMs.get(name)
      if (barkedAtMs !== undefined && nowMs - barkedAtMs < this.#repeatMs) continue
      this.#barkedAtMs.set(name, nowMs)
      this.#logger.warn({ watchdog: name }, what)
    }
  }
}
