import type { Queryable } from './queryable.ts'
import type { Tick } from './tick.ts'

/**
 * The transactions whose rows come late in the tick's batch, with ids behind `afterId`: open when the previous tick looked,
 * ended when this one did. Usually none; and where no transaction was open, nobody need ask.
 */
export async function lateTransactions(db: Queryable, tick: Tick, afterId: bigint): Promise<string[]> {
  const [, xmax, open] = tick.prev.snapshot.split(':')
  if (open === '' && xmax === tick.prev.xid) return []
  const { prev, snapshot } = tick
  const values = [prev.snapshot, snapshot, prev.xid, prev.lastId, afterId]
  return (await db.query<{ xid: string }>({ name: 'outbox-late-transactions', text, values })).rows.map(
    ({ xid }) => xid,
  )
}

/**
 * Those in progress then, and those that began between the snapshot and the tick itself. The order within the laterals holds
 * the planner to the index of (xid, id).
 */
const text = `
  select ended.xid
  from (
    select xid from pg_snapshot_xip($1::pg_snapshot) as xid where pg_visible_in_snapshot(xid, $2::pg_snapshot)
    union
    select xid from (
      select xid from outbox.message
      where xid >= pg_snapshot_xmax($1::pg_snapshot) and xid < $3::xid8 and id <= $4::bigint
      order by xid, id) as began
    where pg_visible_in_snapshot(xid, $2::pg_snapshot)
  ) as ended
  cross join lateral (
    select from outbox.message
    where (message.xid, message.id) > (ended.xid, $5::bigint) and (message.xid, message.id) <= (ended.xid, $4::bigint)
      and message.id > $5::bigint and message.id <= $4::bigint
    order by message.xid, message.id limit 1
  ) as late`
