import type { Queryable } from './queryable.ts'
import { type MomentRow, momentOf, type Tick } from './tick.ts'

/**
 * The tick before the first one asked for is gone. A relay that was paused past its lease meets this while its shards, in other
 * hands, have moved on: what it holds for its position is out of date, and its next renewal tells.
 */
export class TicksSweptError extends Error {
  readonly code = 'OUTBOX_TICKS_SWEPT'
  readonly retriable = true

  constructor(n: string) {
    super(`The tick before ${n} was swept: the log can only be read from a shard's position on.`)
    this.name = 'TicksSweptError'
  }
}

/**
 * The ticks with `n > after`, at most `limit`, in the log's order. For a position in the midst of batch `n`, read after `n - 1n`.
 * @throws {TicksSweptError} when the tick before one of them is gone: `after` lies before every shard's position
 */
export async function readTicks(db: Queryable, { after, limit }: { after: bigint; limit: number }): Promise<Tick[]> {
  const { rows } = await db.query<TickRow>({ name: 'outbox-read-ticks', text, values: [after, limit] })
  return rows.map((row) => {
    if (row.prev_snapshot === null) throw new TicksSweptError(row.n)
    const prev = { n: row.prev_n, snapshot: row.prev_snapshot, last_id: row.prev_last_id, xid: row.prev_xid }
    return { ...momentOf(row), prev: momentOf(prev) }
  })
}

type TickRow = MomentRow & { prev_n: string; prev_snapshot: string | null; prev_last_id: string; prev_xid: string }

/** The very first tick has none before it; it stands in itself, which makes its batch the empty one that it is. */
const text = `
  select tick.n, tick.snapshot, tick.last_id, tick.xid,
    prev.n as prev_n, prev.snapshot as prev_snapshot, prev.last_id as prev_last_id, prev.xid as prev_xid
  from outbox.tick left join outbox.tick as prev on prev.n = coalesce(tick.prev, tick.n)
  where tick.n > $1 order by tick.n limit $2`
