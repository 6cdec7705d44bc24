import { crc32 } from 'node:zlib'
import type { InboxMessage } from '@outbox/inbox/handler'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { handle } from '../src/ledger-handler.ts'
import { formatLoadtestHeader } from '../src/loadtest-header.ts'
import { migrateLedger } from '../src/migrate-ledger.ts'
import { readProgress } from '../src/read-progress.ts'
import { type Effect, streamEffects } from '../src/stream-effects.ts'

const context = { group: 'a', topic: 'shared-events', partition: 3 }
const appendedAtMs = 1_795_000_000_123
const messageId = `${appendedAtMs
  .toString(16)
  .padStart(12, '0')
  .replace(/(.{8})/, '$1-')}-7000-8000-000000000000`

function message(sequence: number, change: Partial<InboxMessage> & { run?: string } = {}): InboxMessage {
  const value = Buffer.from(`{"n":${sequence}}`)
  const stamp = {
    run: change.run ?? 'run-1',
    sequence,
    keySequence: sequence >> 1,
    sentAtMs: 1_795_000_000_000,
    checksum: crc32(value),
  }
  return {
    offset: BigInt(sequence),
    key: Buffer.from(`k${sequence % 2}`),
    value,
    headers: { loadtest: formatLoadtestHeader(stamp) },
    timestamp: 1_795_000_000_456,
    place: undefined,
    messageId,
    replayed: false,
    ...change,
  }
}

async function apply(pool: pg.Pool, messages: InboxMessage[], where = context): Promise<void> {
  const tx = await pool.connect()
  try {
    await tx.query('begin')
    await handle(tx, messages, where)
    await tx.query('commit')
  } finally {
    tx.release(true)
  }
}

async function effectsOf(pool: pg.Pool, run: string): Promise<Effect[]> {
  const client = await pool.connect()
  const effects: Effect[] = []
  await streamEffects(client, { run, onEffect: (effect) => effects.push(effect) })
  client.release()
  return effects
}

test('each message leaves one effect, with its times and checksums', async () => {
  await using db = await freshDatabase(migrateLedger)
  const before = Date.now()
  await apply(db.pool, [message(0), message(1, { value: Buffer.from('altered') })])
  const [first, second] = await effectsOf(db.pool, 'run-1')
  expect(first).toEqual({
    group: 'a',
    sequence: 0,
    keySequence: 0,
    key: 'k0',
    checksumSent: crc32('{"n":0}'),
    checksumReceived: crc32('{"n":0}'),
    sentAtMs: 1_795_000_000_000,
    appendedAtMs,
    publishedAtMs: 1_795_000_000_456,
    appliedAtMs: expect.closeTo(before, -4),
    replayed: false,
  })
  expect(second).toMatchObject({ checksumSent: crc32('{"n":1}'), checksumReceived: crc32('altered') })
})

test('a message without key, value and outbox has an effect too', async () => {
  await using db = await freshDatabase(migrateLedger)
  await apply(db.pool, [message(0, { key: null, value: null, messageId: undefined }), message(1)])
  expect(await effectsOf(db.pool, 'run-1')).toMatchObject([
    { key: null, checksumReceived: 0, appendedAtMs: null },
    { key: 'k1', appendedAtMs },
  ])
})

test('a message that is no load test has no effect', async () => {
  await using db = await freshDatabase(migrateLedger)
  const others = ['', 'run-1/1/1/1', 'run-1/-1/0/1/1', 'run-1/1e3/0/1/1', 'run-1/1/0/1/4294967296', '/1/1/1/1']
  await apply(db.pool, [
    message(0, { headers: {} }),
    ...others.map((loadtest) => message(1, { headers: { loadtest } })),
  ])
  expect(await readProgress(db.pool, 'run-1')).toEqual([])
  expect((await db.pool.query('select from ledger.effect')).rowCount).toBe(0)
})

test('a message that is applied twice shows twice, in the order of the effects', async () => {
  await using db = await freshDatabase(migrateLedger)
  await apply(db.pool, [message(4), message(3)])
  await apply(db.pool, [message(4), message(5)])
  expect((await effectsOf(db.pool, 'run-1')).map(({ sequence }) => sequence)).toEqual([4, 3, 4, 5])
})

test('an effect says whether its message was replayed, and counts like any other', async () => {
  await using db = await freshDatabase(migrateLedger)
  await apply(db.pool, [message(0), message(1, { replayed: true }), message(2)])
  await apply(db.pool, [message(0, { replayed: true })])
  const effects = await effectsOf(db.pool, 'run-1')
  expect(effects.map(({ sequence, replayed }) => [sequence, replayed])).toEqual([
    [0, false],
    [1, true],
    [2, false],
    [0, true],
  ])
  expect(await readProgress(db.pool, 'run-1')).toMatchObject([{ effects: 4n }])
})

test('progress is counted by run, group and partition, and rolled back with the effects', async () => {
  await using db = await freshDatabase(migrateLedger)
  await apply(db.pool, [message(0), message(1, { run: 'run-2' }), message(2)])
  await apply(db.pool, [message(4)])
  await apply(db.pool, [message(3)], { ...context, partition: 4 })
  await apply(db.pool, [message(0), message(2)], { ...context, group: 'b' })
  const tx = await db.pool.connect()
  await tx.query('begin')
  await handle(tx, [message(6)], context)
  await tx.query('rollback')
  tx.release()
  const progress = await readProgress(db.pool, 'run-1')
  expect(progress.map(({ group, partition, effects }) => [group, partition, effects])).toEqual([
    ['a', 3, 3n],
    ['a', 4, 1n],
    ['b', 3, 2n],
  ])
  expect((await effectsOf(db.pool, 'run-2')).map(({ sequence }) => sequence)).toEqual([1])
})

test('six consumers record at once, beyond the partitions that were there', async () => {
  await using db = await freshDatabase(migrateLedger)
  await db.pool.query(`select setval('ledger.effect_id_seq', 79990)`)
  const consumers = Array.from({ length: 6 }, async (_, partition) => {
    for (let batch = 0; batch < 5; batch += 1)
      await apply(db.pool, [message(partition * 100 + batch * 2), message(partition * 100 + batch * 2 + 1)], {
        ...context,
        partition,
      })
  })
  await Promise.all(consumers)
  expect(await effectsOf(db.pool, 'run-1')).toHaveLength(60)
  const { rows } = await db.pool.query(
    `select count(*)::int as n from pg_inherits where inhparent = 'ledger.effect'::regclass`,
  )
  expect(rows).toEqual([{ n: 24 }])
})
