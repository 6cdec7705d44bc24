/** Rounds below this are as quick as they get: who isn't kept waiting needs to leave nothing to others. */
const quickMs = 10
const restAtMostMs = 100
/** What one round counts for, so that one that was stalled doesn't slow down the next ones. */
const share = 0.1

/**
 * How long a relay that has caught up rests before its next tick. Where its rounds take long, because the processors are taken or
 * Kafka is slow, it rests as long as they do. What came meanwhile goes in one window: fewer requests to Kafka, and fewer
 * transactions of each consumer group, for as many messages.
 * @see docs/adr/0021-a-relay-that-is-slow-rests.md
 */
export class Pace {
  #usualMs = 0

  /** @param tookMs the round, from its look at the log until Kafka had all of it; `caughtUp`: nothing more is known to be there */
  restMs({ tookMs, caughtUp }: { tookMs: number; caughtUp: boolean }): number {
    this.#usualMs += (tookMs - this.#usualMs) * share
    if (!caughtUp || this.#usualMs < quickMs) return 0
    return Math.min(this.#usualMs, restAtMostMs)
  }
}
