import type { Watchdog } from '@outbox/service/watchdogs'

/** How a member and its group are. */
export type GroupSigns = {
  /** Messages that the member's partitions hold and the group hasn't applied. */
  lag: bigint
  /** Messages that the group's handler failed for good. */
  deadLetters: number
}

/** What a member watches over. @param limits.lagMessages from where on being behind is worth a line */
export const groupWatchdogs = ({
  group,
  lagMessages,
}: {
  group: string
  lagMessages: number
}): Watchdog<GroupSigns>[] => [
  {
    name: 'group falls behind',
    trouble({ lag }) {
      if (lag < lagMessages) return undefined
      return (
        `this member of ${group} is ${lag} messages behind: if outbox_consumer_batch_seconds is high the handler is slow, ` +
        'else start more members, as many as the topics have partitions at most'
      )
    },
  },
  {
    name: 'group dead letters',
    trouble({ deadLetters }) {
      if (deadLetters === 0) return undefined
      return `${deadLetters} messages that the handler of ${group} failed wait for an operator: pnpm outbox dead-letters list --group ${group}`
    },
  },
]
