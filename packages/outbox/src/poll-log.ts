import { lastIdTaken } from './last-id-taken.ts'
import type { Queryable } from './queryable.ts'
import { type Moment, type MomentRow, momentOf } from './tick.ts'

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

/** The log's last tick, and what its snapshot and `lastId` would be now. */
export type LogPoll = { last: Moment; snapshot: string; lastId: bigint; somethingNew: boolean }

/**
 * Asks whether anything has committed since the last tick. It writes nothing.
 * @throws {LogBehindError} when ids went backwards
 */
export async function pollLog(db: Queryable): Promise<LogPoll> {
  const row = (await db.query<PollRow>({ name: 'outbox-poll', text })).rows[0]
  if (row === undefined) throw new Error('outbox.tick is empty: the first tick is made by the migration')
  const last = momentOf(row)
  const lastId = BigInt(row.new_last_id)
  if (lastId < last.lastId) throw new LogBehindError(lastId, last.lastId)
  return { last, snapshot: row.new_snapshot, lastId, somethingNew: row.something_new }
}

type PollRow = MomentRow & { new_snapshot: string; new_last_id: string; something_new: boolean }

/**
 * The last tick, what is seen now, and whether that is more. The statement's snapshot is taken before it reads the sequence,
 * so every row it sees has an id up to `new_last_id`; an unused sequence says 1 and means 0.
 * Late rows are looked for by one probe a transaction that has ended since; `order by … limit 1` within a lateral keeps the
 * planner on the index of (xid, id), where `exists` alone would let it try a sequential scan.
 */
const text = `
  with last as materialized (select n, snapshot, last_id, xid from outbox.tick order by n desc limit 1),
  log as materialized (select ${lastIdTaken} as last_id)
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
