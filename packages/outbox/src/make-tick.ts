import { type LogPoll, pollLog } from './poll-log.ts'
import type { Queryable } from './queryable.ts'
import type { Tick } from './tick.ts'

export type { Tick } from './tick.ts'

export type MakeTickOptions = {
  /** What {@link pollLog} has just said; without it, it is asked now. */
  poll?: LogPoll
  /**
   * How many partitions topics have now. What differs from the log's newest rows is recorded as from this tick on, which is
   * then made even where no message is new. To be passed where a count may have changed: an idle poll with it costs two round
   * trips.
   */
  topicPartitions?: ReadonlyMap<string, number>
}

/**
 * Ends the batch of all that committed since the last tick. Nothing of it may be published before this has returned: then
 * it is committed. An idle log costs one round trip and writes nothing.
 * @returns undefined when nothing is new, or another relay made a tick at the same moment: {@link readTicks} has it
 * @throws {LogBehindError} (poll-log.ts) when ids went backwards
 */
export async function makeTick(
  db: Queryable,
  { poll: known, topicPartitions }: MakeTickOptions = {},
): Promise<Tick | undefined> {
  const { last: prev, snapshot, lastId, somethingNew } = known ?? (await pollLog(db))
  const topics = [...(topicPartitions?.keys() ?? [])]
  if (!somethingNew && topics.length === 0) return undefined
  const partitions = [...(topicPartitions?.values() ?? [])]
  const values = [prev.n, snapshot, lastId, topics, partitions, somethingNew]
  const made = await db.query<{ n: string; xid: string }>({ name: 'outbox-insert-tick', text, values })
  const row = made.rows[0]
  return row && { n: BigInt(row.n), snapshot, lastId, xid: row.xid, prev }
}

/**
 * The previous tick must still be there, else a relay that stopped after its poll would fork the log once that tick and its
 * successor were swept; its successor must not be, which `tick_prev` sees to. Two that insert at once may meet in `n` first:
 * that is the same lost race, so no constraint is named. The transaction id is taken here, after the sequence was read:
 * whoever took an id up to last_id has a lower one.
 */
const text = `
  with changed as (
    select now.topic, now.partitions
    from unnest($4::text[], $5::int[]) as now(topic, partitions)
    where now.partitions is distinct from (
      select recorded.partitions from outbox.topic as recorded
      where recorded.topic = now.topic order by recorded.from_n desc limit 1)
  ), made as (
    insert into outbox.tick (n, prev, snapshot, last_id, xid)
    select greatest($1::bigint + 1, floor(extract(epoch from clock_timestamp()) * 1000)::bigint),
      $1::bigint, $2::pg_snapshot, $3::bigint, pg_current_xact_id()
    where exists (select from outbox.tick where n = $1::bigint for key share)
      and ($6::boolean or exists (select from changed))
    on conflict do nothing
    returning n, xid
  ), recorded as (
    insert into outbox.topic (topic, from_n, partitions) select topic, n, partitions from changed, made
  )
  select n, xid from made`
