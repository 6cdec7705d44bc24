import { type FreshDatabase, freshDatabase } from '@outbox/local-stack/fresh-database'
import pg from 'pg'
import { appendMessages, type OutboxMessage } from '../src/append-messages.ts'
import type { LoggedMessage } from '../src/logged-message.ts'
import { migrateOutbox } from '../src/migrate-outbox.ts'
import type { Queryable } from '../src/queryable.ts'
import { readWindow, type WindowRequest } from '../src/read-window.ts'
import type { Tick } from '../src/tick.ts'

/** A database with the outbox in it, and sessions of its own. */
export type OutboxDatabase = FreshDatabase & {
  /** A session in an open transaction. */
  begin(): Promise<OpenTransaction>
  /** Appends and commits. */
  append(...messages: OutboxMessage[]): Promise<string[]>
}

export type OpenTransaction = pg.Client & { commit(): Promise<void>; rollback(): Promise<void> }

/** `partitionIds` is small, so that tests cross partitions. */
export async function outboxDatabase(partitionIds = 1_000, aheadIds = 4_000): Promise<OutboxDatabase> {
  const db = await freshDatabase((pool) => migrateOutbox(pool, { aheadIds, partitionIds }))
  return Object.assign(db, {
    begin: () => beginTransaction(db.url),
    async append(...messages: OutboxMessage[]) {
      const tx = await beginTransaction(db.url)
      const ids = await appendMessages(tx, messages)
      await tx.commit()
      return ids
    },
  })
}

async function beginTransaction(url: string): Promise<OpenTransaction> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  await client.query('begin')
  const end = (statement: string) => async () => {
    await client.query(statement)
    await client.end()
  }
  return Object.assign(client, { commit: end('commit'), rollback: end('rollback') })
}

/** Runs statements on `pool`, and `then` right behind the one named `name`: a relay that stops just there. */
export function stoppingAfter(pool: pg.Pool, name: string, then: (result: pg.QueryResult) => Promise<void>): Queryable {
  const query = async (statement: pg.QueryConfig) => {
    const result = await pool.query(statement)
    if (statement.name === name) await then(result)
    return result
  }
  return { query } as Queryable
}

/** A message whose payload says which one it is. */
export function message(payload: string, key: string | null = 'key'): OutboxMessage {
  return { topic: 'shared-events', key, payload }
}

/** The whole batch of a tick, by as many windows as it takes. */
export async function readBatch(
  { pool }: Pick<FreshDatabase, 'pool'>,
  tick: Tick | undefined,
  bounds: Partial<Omit<WindowRequest, 'tick'>> = {},
): Promise<LoggedMessage[]> {
  const batch: LoggedMessage[] = []
  if (tick === undefined) return batch
  let afterId = 0n
  for (let last = false; !last; ) {
    const window = await readWindow(pool, { tick, shards: 'all', windowIds: 100, ...bounds, afterId })
    batch.push(...window.messages)
    afterId = window.endId
    last = window.last
  }
  return batch
}

export function payloads(messages: readonly LoggedMessage[]): (string | undefined)[] {
  return messages.map(({ payload }) => payload?.toString())
}
