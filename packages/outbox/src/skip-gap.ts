import type { Queryable } from './queryable.ts'

/** @returns the id before the next one that is in the log; `endId` when there is none up to it */
export async function skipGap(db: Queryable, { afterId, endId }: { afterId: bigint; endId: bigint }): Promise<bigint> {
  const text = 'select id from outbox.message where id > $1 and id <= $2 order by id limit 1'
  const { rows } = await db.query<{ id: string }>({ name: 'outbox-next-id', text, values: [afterId, endId] })
  return rows[0] === undefined ? endId : BigInt(rows[0].id) - 1n
}
