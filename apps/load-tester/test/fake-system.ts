import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrateInbox } from '@outbox/inbox/migrate-inbox'
import { registerGroup } from '@outbox/inbox/register-group'
import { handle } from '@outbox/ledger/ledger-handler'
import { migrateLedger } from '@outbox/ledger/migrate-ledger'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import type pg from 'pg'
import type { Report } from '../src/report/report.ts'
import { runCommand } from '../src/run-command.ts'
import type { Tester } from '../src/tester.ts'
import { type Behaviour, type Committed, type FakeProducer, fakeProducer, type ReceivedBatch } from './fake-producer.ts'

/** What a load test came to; `report` is the JSON, where there is one. */
export type Outcome = { exitCode: number; report: Report; printed: string; progress: string }

/** Producers and two groups without an outbox and Kafka between them: what is committed takes effect at once. */
export type FakeSystem = AsyncDisposable & {
  databaseUrl: string
  pool: pg.Pool
  url: string
  /** The folder that the tester takes for the project's. */
  root: string
  committed: Committed
  producer(
    name: string,
    /** `onCommit`: what becomes of a batch once it is committed, instead of taking effect. */
    options?: {
      behave?: (batch: ReceivedBatch, nth: number) => Behaviour
      onCommit?: (batch: ReceivedBatch) => unknown
    },
  ): Promise<FakeProducer>
  /** The batch takes effect, in both groups. */
  apply(batch: ReceivedBatch, how?: { replayed: boolean }): Promise<void>
  /** Runs the tester; `line` is its command line. */
  loadtest(line: string, producers?: readonly FakeProducer[], signal?: AbortSignal): Promise<Outcome>
}

/** Leaving the scope drops the database and the folder. */
export async function fakeSystem(): Promise<FakeSystem> {
  const groups = ['group-a', 'group-b']
  const root = mkdtempSync(join(tmpdir(), 'loadtest-'))
  const committed: Committed = new Map()
  const db = await freshDatabase(async (pool) => {
    await migrateInbox(pool)
    await migrateLedger(pool)
    for (const group of groups) await registerGroup(pool, group)
  })
  const apply = (batch: ReceivedBatch, { replayed } = { replayed: false }) =>
    takeEffect(db.pool, batch, { groups, replayed })
  return {
    pool: db.pool,
    databaseUrl: db.url,
    url: db.url,
    root,
    committed,
    apply,
    producer: (name, { behave, onCommit } = {}) =>
      fakeProducer({
        name,
        committed,
        onCommit: async (batch) => void (await (onCommit ?? apply)(batch)),
        ...(behave && { behave }),
      }),
    loadtest: (line, producers = [], signal = new AbortController().signal) =>
      loadtest(line, { root, databaseUrl: db.url, producers: producers.map(({ url }) => url).join(','), signal }),
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]()
      await rm(root, { recursive: true })
    },
  }
}

async function takeEffect(
  pool: pg.Pool,
  { messages }: ReceivedBatch,
  { groups, replayed }: { groups: readonly string[]; replayed: boolean },
): Promise<void> {
  const applied = messages.map(({ key, payload, headers }, index) => ({
    offset: BigInt(index),
    key: Buffer.from(key),
    value: Buffer.from(JSON.stringify(payload)),
    headers,
    timestamp: Date.now(),
    place: undefined,
    messageId: undefined,
    replayed,
  }))
  const tx = await pool.connect()
  await tx.query('begin')
  for (const group of groups) await handle(tx, applied, { group, topic: 'shared-events', partition: 0 })
  await tx.query('commit')
  tx.release()
}

/** Where a tester runs. */
type Around = { root: string; databaseUrl: string; producers: string; signal: AbortSignal }

/** Runs the tester in `root`. */
export async function loadtest(line: string, around: Around & { json?: string }): Promise<Outcome> {
  const { tester, said } = testerIn(around)
  const json = around.json ?? join(around.root, `${randomUUID()}.json`)
  const exitCode = await runCommand([...line.split(' '), '--json', json], tester)
  // A command line that is refused makes no file; a run that can't begin leaves an empty one.
  const written = existsSync(json) ? readFileSync(json, 'utf8') : ''
  return { exitCode, report: JSON.parse(written || 'null'), ...said }
}

/** A tester, and what it says on both streams. */
export function testerIn({ root, databaseUrl, producers, signal }: Around): {
  tester: Tester
  said: { printed: string; progress: string }
} {
  const said = { printed: '', progress: '' }
  const tester: Tester = {
    root,
    env: { DATABASE_URL: databaseUrl, PRODUCER_URLS: producers },
    stdout: {
      write(text) {
        said.printed += text
      },
    },
    stderr: {
      write(text) {
        said.progress += text
        return true
      },
    },
    paint: (_, text) => text,
    progressPaint: (_, text) => text,
    signal,
  }
  return { tester, said }
}

/** A producer that accepts, and an interrupt that comes while its `nth` request is under way. */
export function interruptAt(nth: number): {
  behave: (batch: ReceivedBatch, nth: number) => Behaviour
  signal: AbortSignal
} {
  const interrupt = new AbortController()
  return {
    signal: interrupt.signal,
    behave(_, request) {
      if (request === nth) interrupt.abort()
      return 'accept'
    },
  }
}
