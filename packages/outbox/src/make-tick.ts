import type { Queryable } from './queryable.ts'
import { type MomentRow, momentOf, type Tick } from './tick.ts'

export type { Tick } from './tick.ts'

/** The log's sequence is behind its last tick: what is appended now would never be published. */
export class LogBehindError extends Error {
  readonly code = 'OUTBOX_LOG_BEHIND'
  readonly retriable = false

  constructor(lastId: bigint, tickLastId: bigint) {
    super(
      `The last id of outbox.message is ${lastId}, but the last tick has seen ${tickLastId}: the database was restored ` +
        `without its sequence. Set outbox.message_id_seq to ${tickLastId} at least.`,
    )
    this.name = 'LogBehindError'
  }
}

export type MakeTickOptions = {
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
 * @throws {LogBehindError} when ids went backwards
 */
export async function makeTick(db: Queryable, { topicPartitions }: MakeTickOptions = {}): Promise<Tick | undefined> {
  const poll = (await db.query<PollRow>({ name: 'outbox-poll', text: pollText })).rows[0]
  if (poll === undefined) throw new Error('outbox.tick is empty: the first tick is made by the migration')
  const prev = momentOf(poll)
  const lastId = BigInt(poll.new_last_id)
  if (lastId < prev.lastId) throw new LogBehindError(lastId, prev.lastId)
  const topics = [...(topicPartitions?.keys() ?? [])]
  if (!poll.something_new && topics.length === 0) return undefined
  const partitions = [...(topicPartitions?.values() ?? [])]
  const values = [poll.n, poll.new_snapshot, poll.new_last_id, topics, partitions, poll.something_new]
  const made = await db.query<{ n: string; xid: string }>({ name: 'outbox-insert-tick', text: insertText, values })
  const row = made.rows[0]
  return row && { n: BigInt(row.n), snapshot: poll.new_snapshot, lastId, xid: row.xid, prev }
}

type PollRow = MomentRow & { new_snapshot: string; new_last_id: string; something_new: boolean }

/**
 * The last tick, what is seen now, and whether that is more. The statement's snapshot is taken before it reads the sequence,
 * so every row it sees has an id up to `new_last_id`; an unused sequence says 1 and means 0.
 * Late rows are looked for by one probe a transaction that has ended since; `order by … limit 1` within a lateral keeps the
 * planner on the index of (xid, id), where `exists` alone would let it try a sequential scan.
 */
const pollText = `
  with last as materialized (select n, snapshot, last_id, xid from outbox.tick order by n desc limit 1),
  log as materialized (select last_value - (not is_called)::int as last_id from outbox.message_id_seq)
  select last.n, last.snapshot, last.last_id, last.xid,
    pg_current_snapshot() as new_snapshot, log.last_id as new_last_id,
    case
      when log.last_id > last.last_id then true
      when exists (
        select from pg_snapshot_xip(last.snapshot) as ended(xid)
        cross join lateral (
          select from outbox.message
          where (message.xid, message.id) > (ended.xid, 0) and (message.xid, message.id) <= (ended.xid, last.last_id)
            and message.id <= last.last_id
          order by message.xid, message.id limit 1) as late
        where pg_visible_in_snapshot(ended.xid, pg_current_snapshot())) then true
      else exists (
        select from (
          select from outbox.message
          where message.xid >= pg_snapshot_xmax(last.snapshot) and message.xid < last.xid and message.id <= last.last_id
          order by message.xid, message.id limit 1) as late)
    end as something_new
  from last, log`

/**
 * The previous tick must still be there, else a relay that stopped after its poll would fork the log once that tick and its
 * successor were swept; its successor must not be, which `tick_prev` sees to. Two that insert at once may meet in `n` first:
 * that is the same lost race, so no constraint is named. The transaction id is taken here, after the sequence was read:
 * whoever took an id up to last_id has a lower one.
 */
const insertText = `
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
