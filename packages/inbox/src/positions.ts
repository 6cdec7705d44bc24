import type { ClientBase } from 'pg'
import type { MessagePlace } from './message-place.ts'
import { ShardPositions } from './shard-positions.ts'

/** A group's share of a Kafka partition: what one transaction is about. */
export type GroupPartition = { group: string; topic: string; partition: number }

/** What a group keeps of a partition. */
export type Kept = {
  /** undefined: nothing of the partition was ever applied */
  nextOffset: bigint | undefined
  positions: ShardPositions
}

const ensureRows = `
  with offset_row as (
    insert into inbox.kafka_offset (group_name, topic, partition)
    values ($1::text, $2::text, $3::integer)
    on conflict do nothing
  )
  insert into inbox.position (group_name, topic, partition, log, shard)
  select $1::text, $2::text, $3::integer, log, shard
  from unnest($4::text[], $5::integer[]) as touched (log, shard)
  order by log, shard
  on conflict do nothing`

const lockRows = `
  with offset_row as materialized (
    select next_offset from inbox.kafka_offset
    where group_name = $1 and topic = $2 and partition = $3
    for update
  ), position_row as materialized (
    select log, shard, n, id from inbox.position
    where group_name = $1 and topic = $2 and partition = $3
    order by log, shard
    for update
  )
  select next_offset, log, shard, n, id from offset_row left join position_row on true`

const moveRows = `
  with moved as (
    update inbox.position as position set n = touched.n, id = touched.id
    from unnest($5::text[], $6::integer[], $7::bigint[], $8::bigint[]) as touched (log, shard, n, id)
    where group_name = $1 and topic = $2 and partition = $3
      and position.log = touched.log and position.shard = touched.shard
  )
  update inbox.kafka_offset set next_offset = $4
  where group_name = $1 and topic = $2 and partition = $3`

/**
 * Locks what a group keeps of a partition until the transaction ends, and reads it.
 *
 * A lock on a row that isn't there locks nothing: a member that was thrown out of the group and its successor would both
 * apply the partition's first messages. So where a row was missing all are inserted, which waits for the commit of another that
 * does the same, and locked again, by a statement that sees what that one left. Mostly none is: inserting them first
 * each time took a sixth of a transaction's cost.
 */
export async function lockPositions(
  tx: ClientBase,
  { group, topic, partition }: GroupPartition,
  shards: readonly Pick<MessagePlace, 'log' | 'shard'>[],
): Promise<Kept> {
  const key = [group, topic, partition]
  for (;;) {
    const { rows } = await tx.query<LockedRow>({ name: 'inbox_lock_rows', text: lockRows, values: key })
    const kept = keptIn(rows)
    if (kept !== undefined && shards.every((shard) => kept.positions.get(shard) !== undefined)) return kept
    const touched = [shards.map(({ log }) => log), shards.map(({ shard }) => shard)]
    await tx.query({ name: 'inbox_ensure_rows', text: ensureRows, values: [...key, ...touched] })
  }
}

/** @returns undefined where there is no row of the partition's offset */
function keptIn(rows: readonly LockedRow[]): Kept | undefined {
  const [first] = rows
  if (first === undefined) return undefined
  const positions = new ShardPositions()
  for (const row of rows) if (row.log !== null) positions.set(placeOf(row))
  return { nextOffset: first.next_offset === null ? undefined : BigInt(first.next_offset), positions }
}

/** Moves what `lockPositions` has locked: the next offset, and the positions given. */
export async function movePositions(
  tx: ClientBase,
  { group, topic, partition }: GroupPartition,
  { nextOffset, moved }: { nextOffset: bigint; moved: ShardPositions },
): Promise<void> {
  const places = moved.all
  await tx.query({
    name: 'inbox_move_rows',
    text: moveRows,
    values: [
      group,
      topic,
      partition,
      nextOffset,
      places.map(({ log }) => log),
      places.map(({ shard }) => shard),
      places.map(({ n }) => n),
      places.map(({ id }) => id),
    ],
  })
}

type PositionRow = { log: string; shard: number; n: string; id: string }
type LockedRow = { next_offset: string | null } & (PositionRow | { log: null })

function placeOf({ log, shard, n, id }: PositionRow): MessagePlace {
  return { log, shard, n: BigInt(n), id: BigInt(id) }
}
