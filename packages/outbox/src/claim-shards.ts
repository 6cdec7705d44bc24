import type { Place } from './place.ts'
import type { Queryable } from './queryable.ts'
import { instanceOf } from './relay-name.ts'
import { shardCount } from './shards.ts'

/** A run that was started later has this relay's name, and its shards. */
export class DuplicateRelayError extends Error {
  readonly code = 'OUTBOX_DUPLICATE_RELAY'
  readonly retriable = false
  /** Two that take turns at one name would go on for ever. */
  readonly operatorNeeded = true

  constructor(instance: string) {
    super(`another relay named "${instance}" was started after this one: give each relay a name of its own (INSTANCE).`)
    this.name = 'DuplicateRelayError'
  }
}

/** A shard this relay may publish, from `position` on, until its lease is over. */
export type OwnedShard = {
  shard: number
  /** Counts take-overs: positions move only under the epoch in which they were claimed. */
  epoch: bigint
  position: Place
  /** The newest tick when the shard was taken over: what belongs to a batch up to it may be in the topic already. */
  takenOverN: bigint
}

export type Claim = {
  owned: OwnedShard[]
  /** Relays that are alive, this one among them. */
  alive: number
  /** Owned ones above this relay's share: to be released once their windows are finished. */
  surplus: number[]
}

/**
 * Says that this relay is alive, renews its leases, and takes free shards up to its share: all that aren't paused, divided
 * evenly among the living, the first by name taking one more where that doesn't come out even. To be called several times a lease.
 * The lease runs from before the call by the database's clock: a relay that counts `leaseMs` from before it called stops in time.
 * @param options.relay {@link makeRelayName}'s, one a run
 * @param options.entering the run's first claim: it takes over the name and the shards of the instance's run before at once,
 *   which most likely was killed; if it wasn't, the epochs fence it
 * @throws {DuplicateRelayError} when a later run has entered under the same instance's name
 */
export async function claimShards(
  db: Queryable,
  { relay, leaseMs, entering = false }: { relay: string; leaseMs: number; entering?: boolean },
): Promise<Claim> {
  const instance = instanceOf(relay)
  const heartbeat = await db.query<{ predecessor: string | null }>({
    name: 'outbox-heartbeat',
    text: heartbeatText,
    values: [instance, relay, leaseMs, entering],
  })
  if (heartbeat.rows[0] === undefined) throw new DuplicateRelayError(instance)
  const values = [instance, relay, leaseMs, heartbeat.rows[0].predecessor]
  const claim = await db.query<ClaimRow>({ name: 'outbox-claim', text: claimText, values })
  const owned = claim.rows.flatMap(ownedShard)
  const { alive = 1, share = shardCount } = claim.rows[0] ?? {}
  return { owned, alive, surplus: owned.slice(share).map(({ shard }) => shard) }
}

const heartbeatText = `
  insert into outbox.relay (instance, relay, lease_ends_at)
  values ($1, $2, statement_timestamp() + $3 * interval '1 ms')
  on conflict (instance) do update set relay = excluded.relay, lease_ends_at = excluded.lease_ends_at
  where relay.relay = excluded.relay or $4::boolean or relay.lease_ends_at < statement_timestamp()
  returning (select nullif(before.relay, $2) from outbox.relay as before where before.instance = $1) as predecessor`

type ClaimRow = {
  alive: number
  share: number
  shard: number | null
  epoch: string
  position_n: string
  position_id: string
  taken_over_n: string
}

/**
 * A lease is over by statement_timestamp(), which is before this statement's snapshot: so the newest tick that the snapshot
 * sees is not older than any that the old owner made while its lease ran; a shard in epoch 0 had none. Rows are locked in order,
 * against deadlocks with the moves of positions; those that another relay is just taking are left to it. A paused one belongs to
 * nobody.
 */
const claimText = `
  with living as (
    select greatest(count(*), 1)::int as alive, (count(*) filter (where instance < $1))::int as rank
    from outbox.relay where lease_ends_at >= statement_timestamp()
  ), fair as (
    select alive, active / alive + (rank < active % alive)::int as share
    from living, (select count(*)::int as active from outbox.shard where not paused) as shards
  ), mine as materialized (
    select shard from outbox.shard where relay = $2 order by shard for update
  ), renewed as (
    update outbox.shard set lease_ends_at = statement_timestamp() + $3 * interval '1 ms'
    from mine where shard.shard = mine.shard and shard.relay = $2
    returning shard.*
  ), free as materialized (
    select shard from outbox.shard
    where not paused and (relay is null or relay = $4 or (relay <> $2 and lease_ends_at < statement_timestamp()))
    order by shard limit (select greatest(share - (select count(*) from mine), 0) from fair)
    for update skip locked
  ), taken as (
    update outbox.shard set relay = $2, epoch = epoch + 1, lease_ends_at = statement_timestamp() + $3 * interval '1 ms',
      taken_over_n = case when epoch = 0 then taken_over_n else (select max(n) from outbox.tick) end
    from free where shard.shard = free.shard
    returning shard.*
  )
  select fair.alive, fair.share, owned.*
  from fair left join (table renewed union all table taken) as owned on true
  order by owned.shard`

function ownedShard({ shard, epoch, position_n, position_id, taken_over_n }: ClaimRow): OwnedShard[] {
  if (shard === null) return []
  const position = { n: BigInt(position_n), id: BigInt(position_id) }
  return [{ shard, epoch: BigInt(epoch), position, takenOverN: BigInt(taken_over_n) }]
}
