import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FreshDatabase, freshDatabase } from '@outbox/local-stack/fresh-database'
import { appendMessages } from '@outbox/outbox/append-messages'
import type { PartitionBounds } from '@outbox/outbox/ensure-partitions'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import type pg from 'pg'

/** A database with an outbox, of small partitions where a test asks for them, and the name of a topic that nobody else has. */
export async function outboxDatabase(partitions?: PartitionBounds): Promise<FreshDatabase & { topic: string }> {
  const database = await freshDatabase((pool) => migrateOutbox(pool, partitions))
  return Object.assign(database, { topic: `test-${randomBytes(6).toString('hex')}` })
}

/** What one message says of itself: the `seq`-th of its key. */
export type Written = { key: string; seq: number }

/**
 * Appends `count` messages in transactions of 1 to 20, by four writers side by side, each with keys of its own: so that the
 * order of a key is that of its numbers. Every seventh transaction rolls back, and writes its messages once more.
 */
export async function writeLog(pool: pg.Pool, log: Log): Promise<Written[]> {
  const quarter = { ...log, count: log.count / 4 }
  const written = await Promise.all([0, 1, 2, 3].map((writer) => writeAs(writer, pool, quarter)))
  return written.flat()
}

/** Appends as `writeLog` does, some 1,000 messages a second, until `enough` aborts. */
export async function keepWriting(pool: pg.Pool, { topic, enough }: Steady): Promise<Written[]> {
  const log = { topic, enough, count: Number.POSITIVE_INFINITY, pauseMs: 40 }
  const written = await Promise.all([0, 1, 2, 3].map((writer) => writeAs(writer, pool, log)))
  return written.flat()
}

/** `padding`: how many characters a message has more. */
type Log = { topic: string; count: number; padding?: (message: Written) => number }
type Steady = { topic: string; enough: AbortSignal }

async function writeAs(
  writer: number,
  pool: pg.Pool,
  { topic, count, padding = () => 0, enough, pauseMs }: Log & Partial<Steady> & { pauseMs?: number },
) {
  const written: Written[] = []
  const next = new Map<string, number>()
  const client = await pool.connect()
  try {
    for (let turn = 0; written.length < count && !enough?.aborted; turn += 1) {
      const keys = Array.from(
        { length: Math.min(1 + (turn % 20), count - written.length) },
        (_, i) => `${writer}-${(turn + i) % 7}`,
      )
      const batch = keys.map((key) => {
        const seq = (next.get(key) ?? 0) + 1
        next.set(key, seq)
        return { key, seq }
      })
      const messages = batch.map((message) => {
        const payload = JSON.stringify(message)
        return { topic, key: message.key, payload: payload.padEnd(payload.length + padding(message)) }
      })
      for (const end of turn % 7 === 6 ? ['rollback', 'commit'] : ['commit']) {
        await client.query('begin')
        await appendMessages(client, messages)
        await client.query(end)
      }
      written.push(...batch)
      if (pauseMs !== undefined) await sleep(pauseMs)
    }
  } finally {
    client.release()
  }
  return written
}
