import type { LoggedMessage } from './logged-message.ts'
import type { Place } from './place.ts'
import type { Queryable } from './queryable.ts'

/** A message that Kafka refused for good. */
export type ParkedMessage = {
  message: LoggedMessage
  place: Place
  code: string
  reason: string
  /** It may be in the topic nevertheless: only an operator can tell. */
  ambiguous: boolean
}

export type Move = {
  relay: string
  shards: readonly { shard: number; epoch: bigint }[]
  to: Place
  /** Kept as a dead letter by the same statement, and only if it moves the message's shard. */
  parked?: ParkedMessage
}

/**
 * Says that all up to `to` of these shards is in Kafka, or parked. A shard moves only under the owner and the epoch that
 * claimed it, never backwards. The same move again, after an answer that was lost, changes nothing.
 * @returns the shards that are still held; a relay must drop the others at once
 */
export async function movePositions(db: Queryable, { relay, shards, to, parked }: Move): Promise<number[]> {
  const owned = [relay, shards.map(({ shard }) => shard), shards.map(({ epoch }) => epoch), to.n, to.id]
  const query =
    parked === undefined
      ? { name: 'outbox-move', text: `${moveText} ${heldText}`, values: owned }
      : {
          name: 'outbox-move-park',
          text: `${moveText}, ${parkText} ${heldText}`,
          values: [...owned, ...parkedValues(parked)],
        }
  return (await db.query<{ shard: number }>(query)).rows.map(({ shard }) => shard)
}

/** The rows are locked in order, against deadlocks with the renewal of leases. */
const moveText = `
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

const parkText = `parked as (
    insert into outbox.dead_letter
      (shard, n, id, message_id, topic, key, payload, headers, code, reason, ambiguous, first_id, attempts, holds)
    select shard, $7::bigint, $8::bigint, $9::uuid, $10, $11, $12::bytea, $13::json, $14, $15, $16::boolean,
      $8::bigint, 1, false
    from moved where shard = $6::int
    on conflict (id) do nothing
  )`

const heldText = 'select shard from moved order by shard'

function parkedValues({ message, place, code, reason, ambiguous }: ParkedMessage): unknown[] {
  const { shard, messageId, topic, key, payload, headers } = message
  const headersJson = headers && JSON.stringify(headers)
  return [shard, place.n, place.id, messageId, topic, key, payload, headersJson, code, reason, ambiguous]
}
