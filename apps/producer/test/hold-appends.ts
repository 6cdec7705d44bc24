import type pg from 'pg'

/** Keeps every append waiting; leaving the scope lets them go on. */
export type HeldAppends = AsyncDisposable & {
  /** How many sessions wait. */
  waiting(): Promise<number>
  release(): Promise<void>
}

/** Takes a lock on the outbox that appends wait for. */
export async function holdAppends(pool: pg.Pool): Promise<HeldAppends> {
  const client = await pool.connect()
  let held = true
  await client.query('begin; lock table outbox.message in exclusive mode')
  const release = async () => {
    if (!held) return
    held = false
    await client.query('commit')
    client.release()
  }
  return {
    async waiting() {
      const { rows } = await client.query(
        `select count(*)::int as waiting from pg_locks where not granted and relation = 'outbox.message'::regclass`,
      )
      return rows[0].waiting
    },
    release,
    [Symbol.asyncDispose]: release,
  }
}
