import { binaryArray } from './binary-array.ts'
import type { LoggedMessage } from './logged-message.ts'
import { type Move, moveText, moveValues } from './move-positions.ts'
import type { Queryable } from './queryable.ts'

/** A message that isn't sent, or wasn't taken. */
export type ParkedMessage = {
  message: LoggedMessage
  /** Kafka's code for a refusal, or ours. */
  code: string
  reason: string
  /** Kafka was asked and refused it: an attempt. Else it waits behind another of its key. */
  refused: boolean
  /** It may be in the topic nevertheless: only an operator can tell. */
  ambiguous: boolean
  /** What comes later with its topic and key has to wait. One that held its key before goes on to do so. */
  holds: boolean
}

/** When a refused message is sent again: by waits that double, with full jitter, until `maxAttempts` were refused. */
export type RetryPolicy = { maxAttempts: number; firstMs: number; ceilingMs: number }

export type Parking = Move & {
  /** None of them behind `to`. */
  parked: readonly ParkedMessage[]
  /** Rows up to `to` that Kafka has confirmed and that were sent again: their dead letters go. */
  confirmed: readonly LoggedMessage[]
  retry: RetryPolicy
}

/** What became of one: `nextAttemptAt` is null when it waits for an operator. */
export type ParkedState = { id: bigint; attempts: number; nextAttemptAt: Date | null }

/**
 * Moves positions as `movePositions` does, and in the same statement keeps as dead letters what stands there and isn't in Kafka,
 * and forgets those that are by now. Both only for the shards that move: a lost lease parks nothing.
 * @returns the shards that are still held, and what was parked just now: nothing when the statement is repeated
 */
export async function parkMessages(
  db: Queryable,
  parking: Parking,
): Promise<{ held: number[]; parked: ParkedState[] }> {
  const { rows } = await db.query<Row>({ name: 'outbox-park', text, values: parkingValues(parking) })
  const held = new Set(rows.map(({ shard }) => shard))
  const parked = rows.flatMap(({ id, attempts, next_attempt_at }) =>
    id === null ? [] : [{ id: BigInt(id), attempts, nextAttemptAt: next_attempt_at }],
  )
  return { held: [...held], parked }
}

type Row = { shard: number; id: string | null; attempts: number; next_attempt_at: Date | null }

const text = `
  ${moveText}, confirmed as (
    delete from outbox.dead_letter as earlier
    using unnest($6::int[], $7::bigint[]) as sent(shard, id) join moved using (shard)
    where earlier.resent_id = sent.id
  ), given as (
    select given.* from unnest($8::int[], $9::bigint[], $10::bigint[], $11::uuid[], $12::text[], $13::text[], $14::bytea[],
      $15::text[], $16::text[], $17::text[], $18::boolean[], $19::boolean[], $20::boolean[])
      as given(shard, n, id, message_id, topic, key, payload, headers, code, reason, refused, ambiguous, holds)
    join moved using (shard)
  ), before as (
    delete from outbox.dead_letter as earlier using given where earlier.resent_id = given.id
    returning earlier.resent_id as id, earlier.first_id, earlier.attempts, earlier.holds
  ), parked as (
    insert into outbox.dead_letter (id, n, shard, message_id, topic, key, payload, headers, code, reason, ambiguous,
      first_id, holds, attempts, next_attempt_at)
    select given.id, given.n, shard, message_id, topic, key, payload, headers::json, code, reason, ambiguous,
      coalesce(first_id, given.id), coalesce(before.holds, given.holds), counted.attempts,
      case when ambiguous or (refused and counted.attempts >= $21::int) then null
        when refused then statement_timestamp()
          + random() * least($23::float8, $22::float8 * 2.0 ^ (counted.attempts - 1)) * interval '1 ms'
        else statement_timestamp() end
    from given left join before using (id),
      lateral (select coalesce(before.attempts, 0) + refused::int) as counted(attempts)
    on conflict (id) do nothing
    returning shard, id, attempts, next_attempt_at
  )
  select moved.shard, id, attempts, next_attempt_at from moved left join parked using (shard) order by shard, id`

function parkingValues({ parked, confirmed, retry, ...move }: Parking): unknown[] {
  const messages = parked.map(({ message }) => message)
  return [
    ...moveValues(move),
    confirmed.map(({ shard }) => shard),
    confirmed.map(({ id }) => id),
    messages.map(({ shard }) => shard),
    messages.map(({ n }) => n),
    messages.map(({ id }) => id),
    messages.map(({ messageId }) => messageId),
    messages.map(({ topic }) => topic),
    messages.map(({ key }) => key),
    binaryArray(
      'bytea',
      messages.map(({ payload }) => payload),
    ),
    messages.map(({ headers }) => headers && JSON.stringify(headers)),
    parked.map(({ code }) => code),
    parked.map(({ reason }) => reason),
    parked.map(({ refused }) => refused),
    parked.map(({ ambiguous }) => ambiguous),
    parked.map(({ holds }) => holds),
    retry.maxAttempts,
    retry.firstMs,
    retry.ceilingMs,
  ]
}
