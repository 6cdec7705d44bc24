import { lastIdTaken } from '@outbox/outbox/last-id-taken'
import type { Queryable } from '@outbox/outbox/queryable'
import { shardCount } from '@outbox/outbox/shards'
import { type Finding, ok, warning, wrong } from './finding.ts'

/** Sequences, ticks and positions as they stand to each other; `missing` and `blind` name shards. */
type PositionFacts = {
  lastId: string
  shards: number[]
  beyond: string | null
  blind: number[]
  aheadMs: number
}

/** Whether positions, ticks and ids fit together, as they don't after a restore of only some of them. */
export async function checkPositions(db: Queryable): Promise<Finding[]> {
  const { rows } = await db.query<PositionFacts>(text)
  return positionFindings(rows[0] as PositionFacts)
}

/** `beyond`: the highest id that a position or a tick is at, above the last that was handed out. `blind`: ticks are missing. */
const text = `
  with log as materialized (select ${lastIdTaken} as last_id),
  reached as (
    select greatest((select max(position_id) from outbox.shard), (select last_id from outbox.tick order by n desc limit 1)) as id
  )
  select log.last_id as "lastId", array(select shard from outbox.shard order by shard) as shards,
    case when reached.id > log.last_id then reached.id end as beyond,
    array(
      select shard from outbox.shard left join outbox.tick on tick.n = position_n
      where tick.n is null or (tick.prev is not null and not exists (select from outbox.tick as before where before.n = tick.prev))
      order by shard) as blind,
    (coalesce((select max(n) from outbox.tick), 0) - extract(epoch from clock_timestamp()) * 1000)::float8 as "aheadMs"
  from log, reached`

const allowedAheadMs = 1_000

function positionFindings({ lastId, shards, beyond, blind, aheadMs }: PositionFacts): Finding[] {
  const missing = Array.from({ length: shardCount }, (_, shard) => shard).filter((shard) => !shards.includes(shard))
  return [
    missing.length === 0
      ? ok('shards', `all ${shardCount} shards are there`)
      : wrong(
          'shards',
          `outbox.shard has no row for ${missing.join(', ')}: their messages are never published`,
          'restore these rows from a backup; a position that is too old only repeats messages in the topic',
        ),
    beyond === null
      ? ok('ids', `the last id is ${lastId}, and no position is beyond it`)
      : wrong(
          'ids',
          `the last id is ${lastId}, but positions or ticks are at ${beyond}: what is appended now would never be published`,
          `select setval('outbox.message_id_seq', ${beyond})`,
        ),
    blind.length === 0
      ? ok('position-ticks', "each position's tick and the one before are there")
      : wrong(
          'position-ticks',
          `the ticks at the positions of shards ${blind.join(', ')} are gone: no relay can read on from there`,
          'restore outbox.tick from the same backup as outbox.shard',
        ),
    aheadMs <= allowedAheadMs
      ? ok('tick-time', "the last tick is not ahead of the database's clock")
      : warning(
          'tick-time',
          `the last tick is ${(aheadMs / 1_000).toFixed(0)} s ahead of the database's clock, which was set back`,
          'none: ticks count on from there until the clock has caught up; let NTP set it',
        ),
  ]
}
