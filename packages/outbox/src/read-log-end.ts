import { lastIdTaken } from './last-id-taken.ts'
import { partitionEnd } from './partition-end.ts'
import type { Queryable } from './queryable.ts'

/** `lastId` is the last id handed out, `end` the first one for which there is no partition. */
export type LogEnd = { lastId: bigint; end: bigint; partitions: number }

/** SQL: the first id for which there is no partition. The catalog says it: partitions may have had another size before. */
export const partitionsEnd = `
  select coalesce(max(${partitionEnd}), 0)
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'outbox.message'::regclass`

/** How far ids have come, and how far there is room for them. */
export async function readLogEnd(db: Queryable): Promise<LogEnd> {
  const { rows } = await db.query<{ last: string; end: string; partitions: number }>(`
    select ${lastIdTaken} as last, (${partitionsEnd}) as end,
      (select count(*)::int from pg_inherits where inhparent = 'outbox.message'::regclass) as partitions`)
  const row = rows[0]
  return { lastId: BigInt(row?.last ?? 0), end: BigInt(row?.end ?? 0), partitions: row?.partitions ?? 0 }
}
