import type { OpenTransaction } from '@outbox/outbox/open-transactions'
import type { Lag } from '@outbox/outbox/read-lag'
import type { Parked } from '@outbox/outbox/read-parked'
import type { Watchdog } from '@outbox/service/watchdogs'

/** What is looked at, all of the same moment. */
export type Signs = {
  lag: Lag
  /** Shards that no relay owns, but for those that an operator has paused. */
  unowned: readonly number[]
  paused: readonly number[]
  /** How long the slowest shard hasn't moved while something waits there, in seconds. */
  stuckSeconds: number
  /** The last id taken. */
  lastId: bigint
  /** Ids for which there is a partition, beyond that one. */
  idsAhead: bigint
  oldestTransaction: OpenTransaction | undefined
  parked: Parked
}

/** From where on something is worth a line. */
export type WatchdogLimits = {
  unpublishedSeconds: number
  transactionSeconds: number
  idsAhead: bigint
}

/** What the relay watches over in the outbox. */
export const outboxWatchdogs = (limits: WatchdogLimits): Watchdog<Signs>[] => [
  {
    name: 'unpublished',
    trouble({ lag }) {
      if (lag.oldestSeconds < limits.unpublishedSeconds) return undefined
      const what = `the oldest message has waited for ${whole(lag.oldestSeconds)} s to be published, ${lag.messages} ids are behind it`
      return `${what}: look at /health/ready of the relays; if they are ready and at work, start more of them`
    },
  },
  {
    name: 'stuck position',
    trouble({ stuckSeconds }) {
      if (stuckSeconds < limits.unpublishedSeconds) return undefined
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
    trouble({ idsAhead }) {
      if (idsAhead >= limits.idsAhead) return undefined
      return `the log has partitions for ${idsAhead} more ids only, beyond which appends fail: look why none are made (pnpm outbox doctor)`
    },
  },
  {
    name: 'open transaction',
    trouble({ oldestTransaction }) {
      if (!oldestTransaction || oldestTransaction.seconds < limits.transactionSeconds) return undefined
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

function whole(seconds: number): string {
  return seconds.toFixed(0)
}
