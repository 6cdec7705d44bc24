import { defaultPartitionBounds, ensurePartitions } from '@outbox/outbox/ensure-partitions'
import { LogRetention } from '@outbox/outbox/log-retention'
import type { Lag } from '@outbox/outbox/read-lag'
import { readLogSize } from '@outbox/outbox/read-log-size'
import { sweepOutbox } from '@outbox/outbox/sweep-outbox'
import { Watchdogs } from '@outbox/service/watchdogs'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { DeadLetterLimit } from './dead-letter-limit.ts'
import type { Chores } from './keep-house.ts'
import { outboxWatchdogs } from './outbox-watchdogs.ts'
import { signsReader } from './read-signs.ts'
import type { RelayMetrics } from './relay-metrics.ts'
import type { RelaySettings } from './relay-settings.ts'
import type { ShardLeases } from './shard-leases.ts'
import { type TopicWatchOptions, watchTopics } from './watch-topics.ts'

/** `onLag` is told how far publishing is behind, as often as it is measured. */
export type ChoreOptions = {
  db: pg.Pool
  settings: RelaySettings
  topics: TopicWatchOptions
  leases: ShardLeases
  limit: DeadLetterLimit
  metrics: RelayMetrics
  onLag: (lag: Lag) => void
  logger: Logger
}

/** What a relay does beside relaying. Every relay does all of it; where two come together, one waits or finds it done. */
export function relayChores({ db, settings, topics, leases, limit, metrics, onLag, logger }: ChoreOptions): Chores {
  const retention = new LogRetention({ db, retention: settings.OUTBOX_RETENTION })
  const readSigns = signsReader(db)
  const warnings = outboxWatchdogs({
    unpublishedSeconds: settings.RELAY_WARN_UNPUBLISHED_SECONDS,
    transactionSeconds: settings.RELAY_WARN_TRANSACTION_SECONDS,
    idsAhead: BigInt(defaultPartitionBounds.aheadIds) / 2n,
  })
  const watchdogs = new Watchdogs(warnings, { logger })
  return {
    'make partitions ahead': () => ensurePartitions(db),
    'watch topics': () => watchTopics(topics),
    'sweep the outbox': () => sweepOutbox(db),
    'drop old partitions': async () => {
      const dropped = await retention.apply()
      if (dropped.length > 0) logger.info({ dropped }, 'partitions older than the retention were dropped')
    },
    'look after the outbox': async () => {
      const signs = await readSigns()
      onLag(signs.lag)
      watchdogs.look(signs)
      metrics.signs(signs)
      metrics.shards(leases.owned.length)
      limit.counted(signs.parked.retry + signs.parked.key + signs.parked.operator)
      metrics.logSize(await readLogSize(db))
    },
  }
}
