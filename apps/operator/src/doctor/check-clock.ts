import type { Queryable } from '@outbox/outbox/queryable'
import { type Finding, ok, warning } from './finding.ts'

const allowedMs = 1_000

/**
 * Compares this machine's clock with the database's, as exactly as the round trip allows. Leases go by the database's alone; the
 * time in a message's id is that of its producer's machine.
 */
export async function checkClock(db: Queryable, now: () => number = Date.now): Promise<Finding[]> {
  const before = now()
  const { rows } = await db.query<{ ms: number }>('select extract(epoch from clock_timestamp())::float8 * 1000 as ms')
  const after = now()
  const difference = (rows[0]?.ms ?? 0) - (before + after) / 2
  const unsure = (after - before) / 2
  const found = `this machine's clock and the database's differ by ${Math.abs(difference).toFixed(0)} ms ± ${unsure.toFixed(0)}`
  if (Math.abs(difference) - unsure <= allowedMs) return [ok('clock', found)]
  return [warning('clock', `${found}: latencies are measured wrong, and find may need --scan`, 'let NTP set both')]
}
