import type pg from 'pg'

/** Batches of messages, each a transaction of its own, over several connections. */
export type Batches = {
  batches: number
  connections: number
  /** Puts the batch of this number into the outbox, within a transaction. */
  append: (tx: pg.ClientBase, batch: number) => Promise<unknown>
  signal: AbortSignal
}

/** Each connection appends one batch after the other until all are done. */
export async function appendBatches(pool: pg.Pool, { batches, connections, append, signal }: Batches): Promise<void> {
  let begun = 0
  async function work(): Promise<void> {
    const client = await pool.connect()
    try {
      while (begun < batches) {
        signal.throwIfAborted()
        const batch = begun++
        await client.query('begin')
        await append(client, batch)
        await client.query('commit')
      }
    } finally {
      client.release()
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
}
