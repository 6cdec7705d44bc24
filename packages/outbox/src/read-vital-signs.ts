import { partitionEnd } from './partition-end.ts'
import type { Place } from './place.ts'
import type { Queryable } from './queryable.ts'

/** Whether the log can be written to and is being read. */
export type VitalSigns = {
  /** Shards that no relay owns, or whose lease is over; paused ones are not among them. */
  unowned: number[]
  /** Shards that an operator has paused. */
  paused: number[]
  /** The position that is furthest behind. */
  slowest: Place
  /** Ids for which there is a partition, beyond the last one taken. */
  idsAhead: bigint
}

/** Reads small tables and the catalogue only. */
export async function readVitalSigns(db: Queryable): Promise<VitalSigns> {
  const { rows } = await db.query<SignsRow>({ name: 'outbox-vital-signs', text })
  const [row] = rows
  if (!row) throw new Error('outbox.shard is empty')
  return {
    unowned: row.unowned,
    paused: row.paused,
    slowest: { n: BigInt(row.position_n), id: BigInt(row.position_id) },
    idsAhead: BigInt(row.ids_ahead),
  }
}

type SignsRow = { unowned: number[]; paused: number[]; position_n: string; position_id: string; ids_ahead: string }

const text = `
  with shards as (
    select coalesce(array_agg(shard order by shard) filter (where not paused
        and (relay is null or lease_ends_at < statement_timestamp())), '{}') as unowned,
      coalesce(array_agg(shard order by shard) filter (where paused), '{}') as paused
    from outbox.shard
  ), slowest as (
    select position_n, position_id from outbox.shard order by position_n, position_id limit 1
  ), ahead as (
    select (select coalesce(max(${partitionEnd}), 0)
      from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'outbox.message'::regclass)
      - 1 - (select last_value - (not is_called)::int from outbox.message_id_seq) as ids_ahead
  )
  select * from shards, slowest, ahead`
