import type { Place } from './place.ts'
import type { Queryable } from './queryable.ts'

export type Move = {
  relay: string
  shards: readonly { shard: number; epoch: bigint }[]
  to: Place
}

/**
 * Says that all up to `to` of these shards is in Kafka. A shard moves only under the owner and the epoch that claimed it, never
 * backwards. The same move again, after an answer that was lost, changes nothing.
 * @returns the shards that are still held; a relay must drop the others at once
 */
export async function movePositions(db: Queryable, move: Move): Promise<number[]> {
  const text = `${moveText} select shard from moved order by shard`
  const { rows } = await db.query<{ shard: number }>({ name: 'outbox-move', text, values: moveValues(move) })
  return rows.map(({ shard }) => shard)
}

/** The start of a statement that moves positions: `moved` are the shards still held. Its parameters are {@link moveValues}. */
// The rows are locked in order, against deadlocks with the renewal of leases.
export const moveText = `
  with mine as materialized (
    select shard.shard
    from outbox.shard join unnest($2::int[], $3::bigint[]) as claimed(shard, epoch) using (shard)
    where shard.relay = $1 and shard.epoch = claimed.epoch
      and (shard.position_n, shard.position_id) <= ($4::bigint, $5::bigint)
    order by shard.shard for update of shard
  ), moved as (
    update outbox.shard set position_n = $4::bigint, position_id = $5::bigint
    from mine where shard.shard = mine.shard and shard.relay = $1
    returning shard.shard
  )`

/** `$1` to `$5` of {@link moveText}. */
export function moveValues({ relay, shards, to }: Move): unknown[] {
  return [relay, shards.map(({ shard }) => shard), shards.map(({ epoch }) => epoch), to.n, to.id]
}
