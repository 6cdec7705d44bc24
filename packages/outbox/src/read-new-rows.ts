import { copyRows } from './copy-rows.ts'
import { decodeMessage, type LoggedMessage, messageColumns } from './logged-message.ts'
import type { Queryable } from './queryable.ts'
import { inShards } from './shards.ts'
import type { Tick } from './tick.ts'

/** Ids of the batch's new rows: `afterId < id ≤ endId`; payloads until they reach `maxBytes`. */
export type NewRows = {
  tick: Tick
  afterId: bigint
  endId: bigint
  shards: readonly number[] | 'all'
  maxBytes: number
}

/** The rows of one window of ids that the tick's snapshot sees, in order of ids; at least one if there is any. */
export async function readNewRows(db: Queryable, window: NewRows): Promise<LoggedMessage[]> {
  const rows = await copyRows(db, newRowsText(window))
  return rows.map((row) => decodeMessage(row, window.tick.n))
}

/**
 * The sum over the window costs 0.3 µs a row and touches no payload that is kept apart (above 2 kB); where it reaches
 * `maxBytes`, which is rare, the place of the cut is found by a running sum.
 * The values come from our own tick and numbers, or were checked: COPY takes no parameters.
 */
export function newRowsText({ tick, afterId, endId, shards, maxBytes }: NewRows): string {
  const window = `from outbox.message
    where id > ${afterId} and id <= ${endId}
      and pg_visible_in_snapshot(xid, '${tick.snapshot}'::pg_snapshot) and ${inShards(shards)}`
  return `
    select ${messageColumns} ${window} and id <= case
      when (select coalesce(sum(octet_length(payload)), 0) < ${maxBytes} ${window}) then ${endId}
      else (
        select min(id) from (select id, sum(octet_length(payload)) over (order by id) as bytes ${window}) as counted
        where bytes >= ${maxBytes})
      end
    order by id`
}
