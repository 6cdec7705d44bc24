import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { skipBecause } from '@outbox/local-stack/skip-because'
import { appendMessages } from '@outbox/outbox/append-messages'
import { claimShards } from '@outbox/outbox/claim-shards'
import { makeTick } from '@outbox/outbox/make-tick'
import { makeRelayName } from '@outbox/outbox/relay-name'
import { expect, inject, test } from 'vitest'
import { freshTopic, publishTo } from './kafka-topic.ts'
import { openTransaction } from './open-transaction.ts'
import { operatedDatabase, runOperator } from './run-operator.ts'

test('status says what waits, who publishes, and what holds things up', async () => {
  await using db = await operatedDatabase()
  expect((await db.outbox('status')).out).toContain('start a relay')
  await claimShards(db.pool, { relay: makeRelayName('relay-7'), leaseMs: 60_000, entering: true })
  await appendMessages(
    db.pool,
    [1, 2, 3].map((payload) => ({ topic: 'shared-events', payload: `${payload}` })),
  )
  await db.pool.query(`insert into inbox.consumer_group (name) values ('group-a')`)
  await db.park(1, { ambiguous: true })
  await using held = await openTransaction(db, 'billing')
  await expect.poll(async () => (await db.outbox('status')).out).toMatch(/Oldest transaction +\d/)

  const { exitCode, out } = await db.outbox('status')
  expect(exitCode).toBe(0)
  expect(out).toMatch(/Unpublished +3 at most/)
  expect(out).toMatch(/Ticks +/)
  expect(out).toMatch(/Shards without a relay +none/)
  expect(out).toMatch(new RegExp(`Oldest transaction .* pid ${held.pid} \\(billing\\)`))
  expect(out).toMatch(/Dead letters +1, of which 1 may be in the topic already/)
  expect(out).toMatch(/relay-7 +16 +\S+ s +-/)
  expect(out).toMatch(/group-a +unknown +0/)
  expect(out).toContain('name it with --kafka-brokers')
  const json = JSON.parse((await db.outbox('--json status')).out)
  expect(json).toMatchObject({
    lag: { messages: '3' },
    relays: [{ instance: 'relay-7', shards: Array.from({ length: 16 }, (_, shard) => shard), breaker: null }],
    unowned: [],
    oldestTransaction: { pid: held.pid, gid: null, application: 'billing' },
    deadLetters: 1,
    groups: [{ group: 'group-a', deadLetters: 0, lag: null }],
  })
})

test('ticks a second: those of the last 10 s, or since the oldest that is not swept', async () => {
  await using db = await operatedDatabase()
  const ticks = async () => JSON.parse((await db.outbox('--json status')).out).ticks
  for (const payload of ['1', '2', '3']) {
    await appendMessages(db.pool, [{ topic: 'shared-events', payload }])
    await makeTick(db.pool)
  }
  expect(await ticks()).toMatchObject({ ticks: 3 })
  // As if the log were an hour old, and only its last tick were of now.
  await db.pool.query('update outbox.tick set prev = null')
  await db.pool.query(
    'update outbox.tick set n = n - 3600000 where n in (select n from outbox.tick order by n limit 3)',
  )
  expect(await ticks()).toEqual({ ticks: 1, seconds: 10 })
})

test('the lag of a group: from its own offsets to the ends in Kafka, from the start where it has applied nothing', async () => {
  await using db = await operatedDatabase()
  const topic = await freshTopic({ partitions: 3 })
  await publishTo(topic, { partition: 0, count: 10 })
  await publishTo(topic, { partition: 2, count: 5 })
  await db.pool.query(`insert into inbox.consumer_group (name) values ('behind'), ('done'), ('new')`)
  await db.pool.query(
    `insert into inbox.kafka_offset (group_name, topic, partition, next_offset)
     values ('behind', $1, 0, 4), ('behind', $1, 1, null), ('done', $1, 0, 10), ('done', $1, 2, 5), ('done', 'gone', 0, 7)`,
    [topic],
  )
  const { out } = await db.outbox(`status --kafka-brokers ${inject('kafkaBrokers')}`)
  expect(out).toMatch(/behind +11 +0\n/)
  expect(out).toMatch(/done +0 +0\n/)
  expect(out).toMatch(/new +15 +0\n/)
})

test('a Kafka that is away: the lag is unknown, said within the bound, and all else is there', async () => {
  await using db = await operatedDatabase()
  await db.pool.query(`insert into inbox.consumer_group (name) values ('group-a')`)
  const { exitCode, out } = await db.outbox('status --kafka-brokers 127.0.0.1:1')
  expect(exitCode).toBe(0)
  expect(out).toMatch(/group-a +unknown +0/)
  expect(out).toContain('Kafka at 127.0.0.1:1 does not answer')
})

test("the relays' circuit breakers, where the relays answer", async () => {
  await using db = await operatedDatabase()
  for (const instance of ['relay-1', 'relay-2'])
    await claimShards(db.pool, { relay: makeRelayName(instance), leaseMs: 60_000, entering: true })
  const relay = createServer((_, answer) => answer.end(JSON.stringify({ instance: 'relay-2', breaker: 'halfOpen' })))
  const silent = createServer(() => {})
  const urls = await Promise.all(
    [relay, silent].map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    }),
  )
  const { out } = await db.outbox(`status --relays ${urls.join()},http://127.0.0.1:1`)
  for (const server of [relay, silent]) {
    server.closeAllConnections()
    server.close()
  }
  expect(out).toMatch(/relay-1 +16 +\S+ s +-\n/)
  expect(out).toMatch(/relay-2 +0 +\S+ s +halfOpen\n/)
})

test('a transaction that was prepared is named as well', async (context) => {
  await using db = await operatedDatabase()
  const { rows } = await db.pool.query(`select current_setting('max_prepared_transactions')::int as most`)
  if (rows[0].most === 0) skipBecause(context, 'max_prepared_transactions is 0 on this PostgreSQL')
  await db.pool.query(`begin; create table kept (); prepare transaction 'payment-7-${process.pid}'`)
  await expect
    .poll(async () => (await db.outbox('status')).out)
    .toMatch(/Oldest transaction .* prepared as "payment-7-/)
  await db.pool.query(`rollback prepared 'payment-7-${process.pid}'`)
})

test.each([
  ['status --kafka-brokers nonsense', 'Write host:port'],
  ['status --relays localhost:5501', 'Write http://host:port'],
])('%s: one message, exit code 2', async (line, message) => {
  const { exitCode, out, err } = await runOperator(line, {})
  expect([exitCode, out]).toEqual([2, ''])
  expect(err).toContain(message)
})

test('a database without an outbox, or without an answer: one message that says what to do, exit code 69', async () => {
  await using empty = await freshDatabase()
  const none = await runOperator('status', { databaseUrl: empty.url })
  expect(none).toMatchObject({ exitCode: 69, out: '' })
  expect(none.err).toContain('lacks tables of the outbox')
  const gone = await runOperator('status', { databaseUrl: 'postgres://user:secret@127.0.0.1:1/outbox' })
  expect(gone).toMatchObject({ exitCode: 69, out: '' })
  expect(gone.err).toMatch(/the database at 127\.0\.0\.1:1\/outbox does not answer/)
  expect(gone.err).not.toContain('secret')
  const wrong = await runOperator('--database-url nonsense status', {})
  expect(wrong).toMatchObject({ exitCode: 2, err: expect.stringContaining('--database-url is no URL') })
})
