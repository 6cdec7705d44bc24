import { countDeadLettersByGroup } from '@outbox/inbox/count-dead-letters'
import { countDeadLetters } from '@outbox/outbox/find-dead-letters'
import { openTransactions } from '@outbox/outbox/open-transactions'
import { readLag } from '@outbox/outbox/read-lag'
import { readLog } from '@outbox/outbox/read-log'
import { readLogSize } from '@outbox/outbox/read-log-size'
import { type LivingRelay, readRelays } from '@outbox/outbox/read-relays'
import { isFree, readShards, type ShardState } from '@outbox/outbox/read-shards'
import { readTickRate } from '@outbox/outbox/read-tick-rate'
import type pg from 'pg'
import { askKafka } from './ask-kafka.ts'
import type { SystemAddresses } from './find-system.ts'
import { groupLags } from './group-lags.ts'
import { relayBreakers } from './relay-breakers.ts'

/** What `status` and `watch` show. */
export type Status = Awaited<ReturnType<typeof readStatus>>

/** Asks the database, and beside it Kafka and the relays, each for so long at most; the latter two may stay away. */
export async function readStatus(db: pg.Pool, { kafka: at, relays: urls }: SystemAddresses) {
  const asked = relayBreakers(urls)
  const groups = await countDeadLettersByGroup(db)
  const names = groups.map(({ group }) => group)
  const lags =
    names.length === 0
      ? { value: new Map<string, bigint>() }
      : await askKafka(at, (kafka) => groupLags(db, kafka, names))
  const shards = await readShards(db)
  const breakers = await asked
  return {
    log: (await readLog(db)).id,
    lag: await readLag(db),
    ticks: await readTickRate(db),
    size: await readLogSize(db),
    relays: (await readRelays(db)).map((relay) => ({
      ...withShards(relay, shards),
      breaker: breakers.get(relay.instance) ?? null,
    })),
    unowned: shards.filter((shard) => isFree(shard) && !shard.paused).map(({ shard }) => shard),
    paused: shards.filter(({ paused }) => paused).map(({ shard }) => shard),
    oldestTransaction: (await openTransactions(db, { limit: 1, olderThanSeconds: 1 }))[0],
    deadLetters: await countDeadLetters(db, {}),
    ambiguous: await countDeadLetters(db, { ambiguous: true }),
    groups: groups.map((group) => ({ ...group, lag: 'value' in lags ? (lags.value.get(group.group) ?? 0n) : null })),
    /** Why the groups' lag is null. */
    kafka: 'reason' in lags ? lags.reason : null,
  }
}

function withShards({ instance, leaseSeconds }: LivingRelay, shards: readonly ShardState[]) {
  const owned = shards.filter((shard) => !isFree(shard) && shard.instance === instance)
  return { instance, shards: owned.map(({ shard }) => shard), leaseSeconds }
}
