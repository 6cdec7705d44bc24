import type pg from 'pg'

/** What took effect, by partition, in the order in which it did. */
export async function effectsByPartition(db: pg.Pool): Promise<number[][]> {
  const { rows } = await db.query<{ values: number[] }>(
    'select array_agg(value::int order by seq) as values from effect group by partition order by partition',
  )
  return rows.map(({ values }) => values)
}

/** How many messages took effect; 0 before there is a table. */
export async function countEffects(db: pg.Pool): Promise<number> {
  const { rows } = await db.query<{ n: number }>('select count(*)::int as n from effect')
  return rows[0]?.n ?? 0
}

/** The messages `from` to `to` as `testTopic` spreads them over partitions. */
export function inOrder(from: number, to: number, partitions: number): number[][] {
  const all = Array.from({ length: to - from + 1 }, (_, index) => from + index)
  return Array.from({ length: partitions }, (_, partition) => all.filter((id) => id % partitions === partition))
}
