import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '@outbox/service/reason-of'
import type { Logger } from 'pino'

/** A chore is done in each round; one that fails is logged, and done again in the next. */
export type Chores = Readonly<Record<string, () => Promise<unknown>>>

/** Does the chores one after the other, every `everyMs`, until `signal` aborts. Never throws. */
export async function keepHouse(options: {
  chores: Chores
  everyMs: number
  onDone: (chore: string, outcome: { failed: boolean }) => void
  logger: Logger
  signal: AbortSignal
}): Promise<void> {
  const { chores, everyMs, onDone, logger, signal } = options
  while (!signal.aborted) {
    for (const [chore, work] of Object.entries(chores)) {
      await work().then(
        () => onDone(chore, { failed: false }),
        (error: unknown) => {
          logger.warn({ chore, reason: reasonOf(error) }, 'a chore failed; it is done again in the next round')
          onDone(chore, { failed: true })
        },
      )
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {})
  }
}
