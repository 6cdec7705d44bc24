import type { Queryable } from '@outbox/outbox/queryable'
import { readRelays } from '@outbox/outbox/read-relays'
import { isFree, readShards } from '@outbox/outbox/read-shards'
import { type Finding, ok, warning, wrong } from './finding.ts'

/** Whether each shard has a relay that publishes it. */
export async function checkRelays(db: Queryable): Promise<Finding[]> {
  const relays = await readRelays(db)
  const shards = await readShards(db)
  const unowned = shards.filter((shard) => isFree(shard) && !shard.paused).map(({ shard }) => shard)
  const paused = shards.filter((shard) => shard.paused).map(({ shard }) => shard)
  const alive =
    relays.length === 0 ? 'no relay is alive' : `alive: ${relays.map(({ instance }) => instance).join(', ')}`
  return [
    unowned.length === 0
      ? ok('relays', `each shard that isn't paused has a relay; ${alive}`)
      : wrong(
          'relays',
          `nobody publishes the shards ${unowned.join(', ')}; ${alive}`,
          relays.length === 0
            ? 'start a relay'
            : 'a relay takes them when it renews its leases; if not, look into its log',
        ),
    paused.length === 0
      ? ok('paused', 'no shard is paused')
      : warning('paused', `paused: ${paused.join(', ')}`, `outbox resume ${paused.join(' ')}`),
  ]
}
