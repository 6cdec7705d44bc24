import { copyRows } from './copy-rows.ts'
import { decodeMessage, type LoggedMessage, messageColumns } from './logged-message.ts'
import type { Queryable } from './queryable.ts'
import { inShards } from './shards.ts'

/** Rows of `xids`, which come late in batch `n`, with `afterId < id ≤ endId`: at most `limit`, and payloads until they reach `maxBytes`. */
export type LateRows = {
  n: bigint
  xids: readonly string[]
  afterId: bigint
  endId: bigint
  shards: readonly number[] | 'all'
  limit: number
  maxBytes: number
}

/** The next late rows in order of ids. A transaction that wrote millions is walked along its index, never sorted whole. */
export async function readLateRows(db: Queryable, window: LateRows): Promise<LoggedMessage[]> {
  const rows = await copyRows(db, lateRowsText(window))
  return rows.map((row) => decodeMessage(row, window.n))
}

export function lateRowsText({ xids, afterId, endId, shards, limit, maxBytes }: LateRows): string {
  const columns = 'id, message_id, topic, key, payload, headers'
  return `
    select ${messageColumns}
    from (
      select ${columns}, sum(octet_length(payload)) over (order by id rows between unbounded preceding and 1 preceding) as before
      from (
        select late.* from unnest('{${xids.join()}}'::xid8[]) as ended(xid)
        cross join lateral (
          select ${columns} from outbox.message
          where (message.xid, message.id) > (ended.xid, ${afterId}) and (message.xid, message.id) <= (ended.xid, ${endId})
            and id > ${afterId} and id <= ${endId} and ${inShards(shards)}
          order by message.xid, message.id limit ${limit}
        ) as late
        order by id limit ${limit}
      ) as window_rows
    ) as counted
    where coalesce(before, 0) < ${maxBytes}
    order by id`
}
