import type pg from 'pg'

/**
 * A pool whose first connection calls `interrupt` after `statements` statements, BEGIN and COMMIT among them: each of
 * the gaps at which a process may be killed, paused, or cut off.
 */
export function interruptedPool(
  pool: pg.Pool,
  { statements, interrupt }: { statements: number; interrupt: (client: pg.PoolClient) => Promise<void> },
): pg.Pool {
  let first = true
  const connect = async () => {
    const client = await pool.connect()
    if (!first) return client
    first = false
    return interruptedClient(client, statements, interrupt)
  }
  return Object.create(pool, { connect: { value: connect } })
}

function interruptedClient(
  client: pg.PoolClient,
  statements: number,
  interrupt: (client: pg.PoolClient) => Promise<void>,
): pg.PoolClient {
  let left = statements
  const send = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>
  const query = async (...args: unknown[]) => {
    const result = await send(...args)
    left -= 1
    if (left === 0) await interrupt(client)
    return result
  }
  return Object.create(client, { query: { value: query } })
}
