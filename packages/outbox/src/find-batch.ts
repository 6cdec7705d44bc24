import { lowerBound } from './lower-bound.ts'
import type { Queryable } from './queryable.ts'

/**
 * To which tick's batch a row belongs: `n`, where that and the tick before are still kept; `by` where older ticks are swept: it
 * is that tick's or an earlier one's, and hence published; or none yet, since no tick has seen its transaction.
 */
export type Batch = { n: bigint } | { by: bigint } | { none: true }

/** Bisects the ticks: from a row's own on, each one's snapshot sees the transaction that wrote it. */
export async function findBatch(db: Queryable, xid: string): Promise<Batch> {
  const { rows } = await db.query<{ low: string; high: string }>(
    'select min(n) as low, max(n) + 1 as high from outbox.tick',
  )
  const [low, high] = [BigInt(rows[0]?.low ?? 0), BigInt(rows[0]?.high ?? 0)]
  const n = await lowerBound({ low, high, probe: (from) => probeTick(db, from, xid) })
  if (n === high) return { none: true }
  const found = await db.query<{ n: string; known: boolean }>(
    `select tick.n, before.n is not null as known
     from outbox.tick left join outbox.tick as before on before.n = tick.prev where tick.n >= $1 order by tick.n limit 1`,
    [n],
  )
  const { n: seenBy = n, known = false } = found.rows[0] ?? {}
  return known ? { n: BigInt(seenBy) } : { by: BigInt(seenBy) }
}

async function probeTick(db: Queryable, from: bigint, xid: string) {
  const { rows } = await db.query<{ n: string; reached: boolean }>({
    name: 'outbox-probe-tick',
    text: `select n, pg_visible_in_snapshot($2::xid8, snapshot) as reached
      from outbox.tick where n >= $1 order by n limit 1`,
    values: [from, xid],
  })
  return rows[0] && { at: BigInt(rows[0].n), reached: rows[0].reached }
}
