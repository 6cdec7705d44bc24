import type { OpenTransaction } from '@outbox/outbox/open-transactions'
import type { Lag } from '@outbox/outbox/read-lag'
import type { Parked } from '@outbox/outbox/read-parked'
import type { Logger } from 'pino'

/** What is looked at, all of the same moment. */
export type Signs = {
  lag: Lag
  /** Shards that no relay owns, but for those that an operator has paused. */
  unowned: readonly number[]
  paused: readonly number[]
  /** How long the slowest shard hasn't moved while something waits there, in seconds. */
  stuckSeconds: number
  /** Ids for which there is a partition, beyond the last one taken. */
  idsAhead: bigint
  oldestTransaction: OpenTransaction | undefined
  parked: Parked
}

/** From where on something is worth a line. */
export type WatchdogLimits = {
  unpublishedSeconds: number
  transactionSeconds: number
  idsAhead: bigint
  /** A line is repeated so often while it goes on, in ms. */
  repeatMs: number
}

type Watchdog = { name: string; trouble(signs: Signs, limits: WatchdogLimits): string | undefined }

/** Each says what is wrong and what to do; in docs/operations.md by the same names. */
const watchdogs: readonly Watchdog[] = [
  {
    name: 'unpublished',
    trouble({ lag }, { unpublishedSeconds }) {
      if (lag.oldestSeconds < unpublishedSeconds) return undefined
      const what = `the oldest message has waited for ${whole(lag.oldestSeconds)} s to be published, ${lag.messages} ids are behind it`
      return `${what}: look at /health/ready of the relays; if they are ready and at work, start more of them`
    },
  },
  {
    name: 'stuck position',
    trouble({ stuckSeconds }, { unpublishedSeconds }) {
      if (stuckSeconds < unpublishedSeconds) return undefined
      return `the slowest shard has not moved for ${whole(stuckSeconds)} s although messages wait: the log of its relay says why (pnpm outbox status names it)`
    },
  },
  {
    name: 'unowned shards',
    trouble({ unowned }) {
      if (unowned.length === 0) return undefined
      return `no relay has the shards ${unowned.join(', ')}, so their messages wait: start a relay, or look why the one that is there takes none`
    },
  },
  {
    name: 'paused shards',
    trouble({ paused }) {
      if (paused.length === 0) return undefined
      return `the shards ${paused.join(', ')} are paused and publish nothing: pnpm outbox resume`
    },
  },
  {
    name: 'partitions ahead',
    trouble({ idsAhead }, limits) {
      if (idsAhead >= limits.idsAhead) return undefined
      return `the log has partitions for ${idsAhead} more ids only, beyond which appends fail: look why none are made (pnpm outbox doctor)`
    },
  },
  {
    name: 'open transaction',
    trouble({ oldestTransaction }, { transactionSeconds }) {
      if (!oldestTransaction || oldestTransaction.seconds < transactionSeconds) return undefined
      const { pid, gid, application, seconds } = oldestTransaction
      const who =
        pid === null ? `prepared transaction "${gid}"` : `transaction of pid ${pid} (${application || 'unnamed'})`
      const end = pid === null ? `rollback prepared '${gid}'` : `select pg_terminate_backend(${pid})`
      return `a ${who} has been open for ${whole(seconds)} s: what it appended waits, and old partitions stay; end it, if need be by ${end}`
    },
  },
  {
    name: 'dead letters',
    trouble({ parked }) {
      if (parked.operator === 0) return undefined
      return `${parked.operator} messages that Kafka refused wait for an operator: pnpm outbox dead-letters list`
    },
  },
]

/** Watches over the outbox, and logs what needs somebody: when it begins, now and then while it lasts, and when it is over. */
export class Watchdogs {
  readonly #limits: WatchdogLimits
  readonly #logger: Logger
  /** When each barked last, in ms of the monotonic clock. */
  readonly #barkedAt = new Map<string, number>()

  constructor({ limits, logger }: { limits: WatchdogLimits; logger: Logger }) {
    this.#limits = limits
    this.#logger = logger
  }

  /** @param nowMs of a clock that only goes forward */
  look(signs: Signs, nowMs = performance.now()): void {
    for (const { name, trouble } of watchdogs) {
      const what = trouble(signs, this.#limits)
      const barkedAt = this.#barkedAt.get(name)
      if (what !== undefined) {
        if (barkedAt !== undefined && nowMs - barkedAt < this.#limits.repeatMs) continue
        this.#barkedAt.set(name, nowMs)
        this.#logger.warn({ watchdog: name }, what)
      } else if (this.#barkedAt.delete(name)) {
        this.#logger.info({ watchdog: name }, 'is over')
      }
    }
  }
}

function whole(seconds: number): string {
  return seconds.toFixed(0)
}
