import type pg from 'pg'
import {
  type AdoptedShard,
  type AdoptedTick,
  type AdoptingTransaction,
  adoptedTicks,
  firstXid,
} from './adopted-ticks.ts'
import { lastIdTaken } from './last-id-taken.ts'
import type { Place } from './place.ts'
import type { Queryable } from './queryable.ts'
import { instanceOf } from './relay-name.ts'
import { isRestoredLog } from './restored-log.ts'
import { isBegun, isPublished, ofItsShard, progressRows, progressValues, readShardProgress } from './shard-progress.ts'

/** What becomes of a restored log's messages. */
export type Adoption = {
  /** Stay as they are. */
  published: number
  /** Will be published. */
  unpublished: number
  /** Of the unpublished ones, those that a relay may have sent without having noted it. They keep their places. */
  begun: number
}

/** Relays say that they are alive, and must be stopped before. */
export class RelaysRunningError extends Error {
  readonly code = 'OUTBOX_RELAYS_RUNNING'

  constructor(instances: readonly string[]) {
    super(
      `relays are running: ${instances.join(', ')}; stop them, or wait until their leases are over. Nothing was changed.`,
    )
    this.name = 'RelaysRunningError'
  }
}

/** How long to wait for whoever has appended in a transaction that is still open. */
const lockTimeoutMs = 10_000

/**
 * Counts what {@link adoptLog} would do; it changes nothing.
 * @returns undefined for a log that was written in this cluster
 * @throws {RelaysRunningError} while a relay's lease runs
 */
export async function planAdoption(db: Queryable): Promise<Adoption | undefined> {
  if (!(await isRestoredLog(db))) return undefined
  await refuseWhileRelaysRun(db)
  const values = progressValues(await readShardProgress(db))
  const counts: Adoption[] = []
  for (const partition of await readPartitions(db))
    counts.push(...(await db.query<Adoption>(countText(partition), values)).rows)
  return sumOf(counts)
}

/**
 * Makes a log that was restored from a dump this cluster's own, in one transaction that shuts out writers and relays. The old
 * transaction ids decide once more what is published: to compare them with the old snapshots needs no cluster. Then the rows get
 * ids that mean the same here: published ones the oldest there is, the others this transaction's, which the log's new tick
 * doesn't see: they come with the next one, in the order of their ids, late or new. It ends at the last id of those that don't.
 *
 * A relay that was killed may have sent a window without having moved its positions. Consumers know these messages by their places,
 * so their batches stay, each with a small id of its own ({@link adoptedTicks}).
 * @param options.onPartition told before each partition
 * @returns undefined for a log that was written in this cluster: nothing was changed
 * @throws {RelaysRunningError} while a relay's lease runs
 */
export async function adoptLog(
  pool: pg.Pool,
  { onPartition }: { onPartition: (partition: string) => void },
): Promise<Adoption | undefined> {
  const client = await pool.connect()
  let failed = true
  try {
    await client.query('begin')
    await client.query(`set local lock_timeout = ${lockTimeoutMs}`)
    // Those who append wait, and are waited for; who reads doesn't.
    await client.query('lock table outbox.message, outbox.tick, outbox.shard, outbox.relay in exclusive mode')
    await refuseWhileRelaysRun(client)
    const adoption = (await isRestoredLog(client)) ? await adopt(client, onPartition) : undefined
    await client.query('commit')
    failed = false
    return adoption
  } finally {
    // The end of the session rolls back what has failed.
    client.release(failed)
  }
}

async function refuseWhileRelaysRun(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ relay: string }>(`
    select relay from outbox.relay where lease_ends_at >= clock_timestamp()
    union select relay from outbox.shard where relay is not null and lease_ends_at >= clock_timestamp()`)
  if (rows.length > 0) throw new RelaysRunningError([...new Set(rows.map(({ relay }) => instanceOf(relay)))].sort())
}

async function adopt(client: pg.ClientBase, onPartition: (partition: string) => void): Promise<Adoption> {
  const progress = await readShardProgress(client)
  const { xid, snapshot, n, firstId } = await readAdopting(client)
  const { ticks, shards } = adoptedTicks(progress, { xid, snapshot, n })
  const values = [...progressValues(progress), shards.map(({ begun }) => begun?.xid), xid]
  const counts: Adoption[] = []
  let lastId = firstId - 1n
  for (const partition of await readPartitions(client)) {
    onPartition(partition)
    const { rows } = await client.query<Adoption & { last: string | null }>(updateText(partition), values)
    counts.push(...rows)
    if (rows[0]?.last != null) lastId = BigInt(rows[0].last)
  }
  await replaceTicks(client, ticks, lastId)
  await moveShards(client, shards, { n, id: lastId })
  return sumOf(counts)
}

/** Where the log is empty, its first id is the next one. A sequence that the restore has left behind is set to the last id that is known. */
async function readAdopting(db: Queryable): Promise<AdoptingTransaction & { firstId: bigint }> {
  const { rows } = await db.query<{ xid: string; snapshot: string; n: string; first: string | null; last: string }>(`
    select pg_current_xact_id() as xid, pg_current_snapshot() as snapshot,
      greatest((select max(n) + 1 from outbox.tick), (select max(from_n) + 1 from outbox.topic),
        floor(extract(epoch from clock_timestamp()) * 1000)::bigint) as n,
      (select min(id) from outbox.message) as first,
      greatest(${lastIdTaken}, (select max(id) from outbox.message),
        (select max(last_id) from outbox.tick)) as last`)
  const { xid = '', snapshot = '', n = '', first = null, last = '' } = rows[0] ?? {}
  const setSequence = `
    select setval('outbox.message_id_seq', $1) where ${lastIdTaken} < $1`
  await db.query(setSequence, [last])
  return { xid, snapshot, n: BigInt(n), firstId: first === null ? BigInt(last) + 1n : BigInt(first) }
}

/** Names of partitions are ours: `message_` and the first id. What is being detached is published, and is never read again. */
async function readPartitions(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(String.raw`
    select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'outbox.message'::regclass and not inhdetachpending and relname ~ '^message_\d+$'
    order by substring(relname from '\d+')::bigint`)
  return rows.map(({ name }) => name)
}

const countText = (partition: string) => `
  select (count(*) filter (where published))::int as published,
    (count(*) filter (where not published))::int as unpublished,
    (count(*) filter (where not published and begun))::int as begun
  from (
    select ${isPublished} as published, ${isBegun} as begun
    from outbox.${partition} as message join ${progressRows} on ${ofItsShard}
  ) as judged`

const updateText = (partition: string) => `
  with adopted as (
    update outbox.${partition} as message
    set xid = case when ${isPublished} then '${firstXid}' when ${isBegun} then begun_batch.xid else $8::xid8 end
    from ${progressRows} join unnest($1::int[], $7::xid8[]) as begun_batch(shard, xid) using (shard)
    where ${ofItsShard}
    returning message.xid, message.id
  )
  select (count(*) filter (where xid = '${firstXid}'))::int as published,
    (count(*) filter (where xid <> '${firstXid}'))::int as unpublished,
    (count(*) filter (where xid not in ('${firstXid}', $8::xid8)))::int as begun,
    max(id) filter (where xid <> $8::xid8) as last
  from adopted`

function sumOf(counts: readonly Adoption[]): Adoption {
  const sum = { published: 0, unpublished: 0, begun: 0 }
  for (const { published, unpublished, begun } of counts) {
    sum.published += published
    sum.unpublished += unpublished
    sum.begun += begun
  }
  return sum
}

async function replaceTicks(db: Queryable, ticks: readonly AdoptedTick[], lastId: bigint): Promise<void> {
  await db.query('delete from outbox.tick')
  await db.query(
    `insert into outbox.tick (n, prev, snapshot, last_id, xid)
     select n, prev, snapshot, $4, pg_current_xact_id()
     from unnest($1::bigint[], $2::bigint[], $3::pg_snapshot[]) as adopted(n, prev, snapshot)`,
    [ticks.map(({ n }) => n), ticks.map(({ prev }) => prev), ticks.map(({ snapshot }) => snapshot), lastId],
  )
}

/** A raised epoch fences whoever may still take itself for a shard's owner. */
async function moveShards(db: Queryable, shards: readonly AdoptedShard[], end: Place): Promise<void> {
  await db.query(
    `update outbox.shard set position_n = coalesce(adopted.n, $4), position_id = coalesce(adopted.id, $5),
       relay = null, lease_ends_at = null, epoch = epoch + 1, taken_over_n = $4
     from unnest($1::int[], $2::bigint[], $3::bigint[]) as adopted(shard, n, id) where shard.shard = adopted.shard`,
    [
      shards.map(({ shard }) => shard),
      shards.map(({ begun }) => begun?.n),
      shards.map(({ begun }) => begun?.id),
      end.n,
      end.id,
    ],
  )
}
