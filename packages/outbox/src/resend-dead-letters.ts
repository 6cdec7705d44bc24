import { originalIdHeader } from './append-messages.ts'
import { formatUuid, makeMessageIds, uuidBytes } from './message-id.ts'
import type { Queryable } from './queryable.ts'

export type Resending = {
  relay: string
  /** Those that it owns, by the epochs in which it claimed them. */
  shards: readonly { shard: number; epoch: bigint }[]
  /** How many at once. */
  limit?: number
}

/** A dead letter that stands in the log again, as the row `resentId`; `firstId` was its row's when it was appended first. */
export type Resent = { firstId: bigint; resentId: bigint; topic: string; key: string | null }

/**
 * Appends the dead letters anew whose time has come, in the order in which they were appended first; each keeps its first id in
 * the header `outbox-original-id`. One that holds its key goes only when all before it of that key go, too. A new row and place,
 * since a place that is sent again behind later ones would be taken for a duplicate.
 * Only the owner of a shard does it, under the lock on the shard's row: nothing is parked meanwhile.
 */
export async function resendDeadLetters(db: Queryable, { relay, shards, limit = 100 }: Resending): Promise<Resent[]> {
  const numbers = shards.map(({ shard }) => shard)
  const due = await db.query<{ id: string }>({ name: 'outbox-due', text: dueText, values: [numbers, limit] })
  if (due.rows.length === 0) return []
  const messageIds = makeMessageIds(due.rows.length, Date.now())
  const values = [
    relay,
    numbers,
    shards.map(({ epoch }) => epoch),
    due.rows.map(({ id }) => id),
    due.rows.map((_, index) => formatUuid(messageIds, index * uuidBytes)),
  ]
  const resent = await db.query<ResentRow>({ name: 'outbox-resend', text: resendText, values })
  return resent.rows.map(({ first_id, resent_id, topic, key }) => ({
    firstId: BigInt(first_id),
    resentId: BigInt(resent_id),
    topic,
    key,
  }))
}

type ResentRow = { first_id: string; resent_id: string; topic: string; key: string | null }

const dueText = `
  with waiting as (
    select id, topic, key, first_id, holds, next_attempt_at <= statement_timestamp() is true as due
    from outbox.dead_letter where shard = any($1::int[]) and resent_id is null
  ), blocked as (
    select topic, key, min(first_id) as first_id from waiting where holds and not due group by topic, key
  )
  select id from waiting left join blocked
    on holds and blocked.topic = waiting.topic and blocked.key = waiting.key
  where due and (blocked.first_id is null or waiting.first_id < blocked.first_id)
  order by waiting.first_id limit $2`

const resendText = `
  with held as materialized (
    select shard.shard
    from outbox.shard join unnest($2::int[], $3::bigint[]) as claimed(shard, epoch) using (shard)
    where shard.relay = $1 and shard.epoch = claimed.epoch
    order by shard.shard for update of shard
  ), due as materialized (
    select letter.*, given.new_message_id
    from outbox.dead_letter as letter
      join unnest($4::bigint[], $5::uuid[]) as given(id, new_message_id) using (id) join held using (shard)
    where resent_id is null
    for update of letter
  ), appended as (
    insert into outbox.message (message_id, topic, key, payload, headers)
    select new_message_id, topic, key, payload, (coalesce(headers::jsonb, '{}')
      || jsonb_build_object('${originalIdHeader}', coalesce(headers ->> '${originalIdHeader}', message_id::text)))::json
    from due order by first_id
    returning id, message_id
  )
  update outbox.dead_letter as letter set resent_id = appended.id
  from due join appended on appended.message_id = due.new_message_id
  where letter.id = due.id
  returning letter.first_id, letter.resent_id, letter.topic, letter.key`
