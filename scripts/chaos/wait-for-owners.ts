import type { ChaosSystem } from './chaos-system.ts'
import { seconds } from './seconds.ts'

const WITHIN_MS = 60_000
const POLL_MS = 50

/**
 * Waits until the shards are owned as they should be.
 * @param isRight is told how many shards each relay owns that owns any
 * @param what they are to be, for the error
 */
export async function waitForOwners(
  { pool, sleep }: ChaosSystem,
  isRight: (owned: readonly number[]) => boolean,
  what: string,
): Promise<void> {
  let owned: number[] = []
  for (const deadline = Date.now() + WITHIN_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    const { rows } = await pool.query<{ owned: number }>(
      'select count(*)::int as owned from outbox.shard where relay is not null group by relay',
    )
    owned = rows.map((row) => row.owned)
    if (isRight(owned)) return
  }
  throw new Error(`the shards are not ${what} within ${seconds(WITHIN_MS)}: ${owned.join(', ')}`)
}
