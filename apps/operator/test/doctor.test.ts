import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { runSubscriber } from '@outbox/kafka/subscriber'
import { migrateLedger } from '@outbox/ledger/migrate-ledger'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { appendMessages } from '@outbox/outbox/append-messages'
import { claimShards } from '@outbox/outbox/claim-shards'
import { makeTick } from '@outbox/outbox/make-tick'
import { pauseShards } from '@outbox/outbox/pause-shards'
import { makeRelayName } from '@outbox/outbox/relay-name'
import { expect, inject, test } from 'vitest'
import { checkClock } from '../src/doctor/check-clock.ts'
import { checkTransactions } from '../src/doctor/check-transactions.ts'
import type { Finding } from '../src/doctor/finding.ts'
import { producerMaxPayloadBytes } from '../src/doctor/topic-findings.ts'
import { freshTopic, testKafka } from './kafka-topic.ts'
import { openTransaction } from './open-transaction.ts'
import { type OperatedDatabase, operatedDatabase, runOperator } from './run-operator.ts'

const kafka = `--kafka-brokers ${inject('kafkaBrokers')}`

/** What doctor finds, by check. */
async function examine({ url }: { url: string }, options = ''): Promise<Map<string, Finding[]>> {
  const { out } = await runOperator(`doctor --json ${options}`.trimEnd(), { databaseUrl: url })
  return Map.groupBy((JSON.parse(out) as { findings: Finding[] }).findings, ({ check }) => check)
}

/** All that one check has found. */
const found = async (db: { url: string }, check: string, options?: string) =>
  (await examine(db, options)).get(check) ?? []

const is = (level: Finding['level'], text = '') => [
  expect.objectContaining({ level, found: expect.stringContaining(text) }),
]

const startRelay = ({ pool }: OperatedDatabase) =>
  claimShards(pool, { relay: makeRelayName('relay-1'), leaseMs: 60_000, entering: true })

test('a whole system: nothing is wrong, exit code 0; as text a line and the remedy, as JSON the same', async () => {
  await using db = await operatedDatabase()
  await migrateLedger(db.pool)
  await startRelay(db)
  const topic = await freshTopic({ partitions: 6 })
  await makeTick(db.pool, { topicPartitions: new Map([[topic, 6]]) })
  const findings = [...(await examine(db, kafka)).values()].flat()
  // Tests may run on a PostgreSQL that is told not to survive the machine.
  const bad = findings.filter(({ level, check }) => level === 'wrong' && check !== 'durability')
  expect(bad).toEqual([])
  expect(findings.length).toBeGreaterThan(25)
  for (const finding of findings) if (finding.level !== 'ok') expect(finding.remedy).not.toBe('')
  const { exitCode, out, err } = await db.outbox(`doctor ${kafka}`)
  const isDurable = findings.some(({ level, check }) => level === 'ok' && check === 'durability')
  expect([exitCode, err]).toEqual(isDurable ? [0, ''] : [1, 'outbox: something is wrong\n'])
  expect(out).toMatch(/^ok {7}PostgreSQL \d/)
  expect(out).toMatch(/\nok {7}all 16 shards are there\n/)
  expect(out).toMatch(/\n\n\d+ ok, \d+ warnings, \d wrong\n$/)
})

test('a database without an outbox, or that is away', async () => {
  await using db = await freshDatabase()
  const { exitCode, out, err } = await runOperator('doctor', { databaseUrl: db.url })
  expect([exitCode, err]).toEqual([1, 'outbox: something is wrong\n'])
  expect(out).toMatch(/wrong {4}there is no outbox in this database\. Remedy: outbox migrate/)
  expect(await runOperator('doctor', { databaseUrl: 'postgres://user@127.0.0.1:1/outbox' })).toMatchObject({
    exitCode: 69,
    out: '',
  })
})

test("settings of the database that break the promise for who doesn't set his own", async () => {
  await using db = await operatedDatabase()
  const name = new URL(db.url).pathname.slice(1)
  await db.pool.query(`alter database ${name} set synchronous_commit = off`)
  await db.pool.query(`alter database ${name} set default_transaction_read_only = on`)
  await db.pool.query(`alter database ${name} set idle_in_transaction_session_timeout = 0`)
  const bad = await examine(db)
  expect(bad.get('synchronous-commit')).toEqual(is('warning', 'synchronous_commit is off'))
  expect(bad.get('primary')).toEqual(is('wrong', 'read-only'))
  expect(bad.get('idle-in-transaction')).toEqual(is('warning'))
  await db.pool.query(`begin read write; alter database ${name} reset all; commit`)
  await db.pool.query(`alter database ${name} set idle_in_transaction_session_timeout = '60s'`)
  const good = await examine(db)
  expect(good.get('synchronous-commit')).toEqual(is('ok'))
  expect(good.get('primary')).toEqual(is('ok'))
  expect(good.get('idle-in-transaction')).toEqual(is('ok', '60000 ms'))
})

test('a role that lacks privileges is told which', async () => {
  await using db = await operatedDatabase()
  const role = `limited_${new URL(db.url).pathname.slice(1)}`
  await db.pool.query(`create role ${role} login`)
  const limited = Object.assign(new URL(db.url), { username: role })
  try {
    const nothing = await examine({ url: limited.href })
    expect(nothing.get('privileges')).toEqual(is('wrong', 'usage on schema'))
    await db.pool.query(`grant usage on schema outbox, inbox to ${role}`)
    await db.pool.query(`grant select, insert, update, delete on all tables in schema outbox, inbox to ${role}`)
    await db.pool.query(`grant select, usage on all sequences in schema outbox, inbox to ${role}`)
    await db.pool.query(`revoke insert on outbox.tick from ${role}`)
    const some = await examine({ url: limited.href })
    expect(some.get('privileges')).toEqual(is('wrong', `role ${role} lacks insert on outbox.tick`))
    expect(some.get('partition-owner')).toEqual(is('warning'))
    expect(some.get('sees-sessions')).toEqual(is('warning'))
    await db.pool.query(`grant insert on outbox.tick to ${role}`)
    expect(await found({ url: limited.href }, 'privileges')).toEqual(is('ok'))
  } finally {
    await db.pool.query(`drop owned by ${role}`)
    await db.pool.query(`drop role ${role}`)
  }
})

test('schemas that are behind or ahead of this version', async () => {
  await using db = await operatedDatabase()
  await db.pool.query('delete from outbox.migration where created_at = (select max(created_at) from outbox.migration)')
  await db.pool.query(`insert into inbox.migration (hash, created_at) values ('newer', 4000000000000)`)
  const findings = await examine(db)
  expect(findings.get('schema-outbox')).toEqual(is('wrong', 'lacks 000'))
  expect(findings.get('schema-inbox')).toEqual(is('wrong', 'newer'))
  expect(findings.get('schema-ledger')).toEqual(is('ok', 'no schema ledger'))
})

test('a schema whose tables are gone: each check that needs them says so, the others go on', async () => {
  await using db = await operatedDatabase()
  await db.pool.query('drop table outbox.relay')
  const findings = await examine(db)
  expect(findings.get('relays')).toEqual(is('wrong', 'relays could not be checked: relation "outbox.relay"'))
  expect(findings.get('shards')).toEqual(is('ok'))
})

test('partitions: a gap, no room, little room', async () => {
  await using db = await operatedDatabase()
  await db.pool.query('drop table outbox.message_4000000')
  expect(await found(db, 'partition-gaps')).toEqual(is('wrong', 'the ids from 4000000 to 5999999'))
  const { rows } = await db.pool.query<{ name: string }>(
    String.raw`select oid::regclass::text as name from pg_class where relname ~ '^message_\d+$' and relkind = 'r'`,
  )
  const others = rows.map(({ name }) => name).filter((name) => name !== 'outbox.message_0')
  await db.pool.query(`drop table ${others.join(', ')}`)
  const little = await examine(db)
  expect(little.get('partition-gaps')).toEqual(is('ok', '1 partitions without a gap'))
  expect(little.get('partitions-ahead')).toEqual(is('warning', '1,999,999'))
  await db.pool.query(`select setval('outbox.message_id_seq', 1999999)`)
  expect(await found(db, 'partitions-ahead')).toEqual(is('wrong', 'the ids end at 1999999'))
})

test('a gap among old ids is a warning', async () => {
  await using db = await operatedDatabase()
  await db.pool.query('drop table outbox.message_2000000')
  await db.pool.query(`select setval('outbox.message_id_seq', 5000000)`)
  expect(await found(db, 'partition-gaps')).toEqual(is('warning', 'the ids from 2000000 to 3999999'))
})

test('a detach that was cut short, and one whose table was left', async () => {
  await using db = await operatedDatabase()
  await appendMessages(db.pool, [{ topic: 'shared-events', payload: '1' }])
  expect(await found(db, 'partition-detach')).toEqual(is('ok'))
  await using reader = await openTransaction(db, 'reader')
  await reader.client.query('select from outbox.message')
  await using operator = await openTransaction(db, 'operator')
  await operator.client.query("rollback; set lock_timeout = '100ms'")
  const detach = operator.client.query('alter table outbox.message detach partition outbox.message_0 concurrently')
  await expect(detach).rejects.toMatchObject({ code: '55P03' })
  expect(await found(db, 'partition-detach')).toEqual(is('warning', 'outbox.message_0 was cut short'))
  await reader.client.query('commit')
  await operator.client.query('alter table outbox.message detach partition outbox.message_0 finalize')
  expect(await found(db, 'partition-detach')).toEqual(is('warning', 'outbox.message_0 is detached'))
})

test('ids that sessions take in advance', async () => {
  await using db = await operatedDatabase()
  await db.pool.query('alter sequence outbox.message_id_seq cache 20')
  expect(await found(db, 'identity-cache')).toEqual(is('wrong', 'sessions take 20 ids at once'))
})

test('shards, ids and ticks that do not fit together', async () => {
  await using db = await operatedDatabase()
  await appendMessages(db.pool, [{ topic: 'shared-events', payload: '1' }])
  await makeTick(db.pool)
  await db.pool.query('delete from outbox.shard where shard in (3, 5)')
  expect(await found(db, 'shards')).toEqual(is('wrong', 'no row for 3, 5'))
  await db.pool.query(`select setval('outbox.message_id_seq', 1, false)`)
  expect(await found(db, 'ids')).toEqual(is('wrong', 'the last id is 0, but positions or ticks are at 1'))
  await db.pool.query('update outbox.tick set n = n + 3600000 where prev is not null')
  expect(await found(db, 'tick-time')).toEqual(is('warning', 'ahead of the database'))
  await db.pool.query('delete from outbox.tick where prev is null')
  expect(await found(db, 'position-ticks')).toEqual(is('wrong', 'shards 0, 1, 2, 4, 6'))
})

test('a position beyond the last id', async () => {
  await using db = await operatedDatabase()
  await db.pool.query('update outbox.shard set position_id = 700 where shard = 7')
  expect(await found(db, 'ids')).toEqual(is('wrong', 'positions or ticks are at 700'))
})

test('transactions that stay open, of sessions and prepared ones', async () => {
  await using db = await operatedDatabase()
  expect(await found(db, 'open-transactions')).toEqual(is('ok'))
  await using held = await openTransaction(db, 'billing')
  expect(await checkTransactions(db.pool, 0)).toEqual([
    expect.objectContaining({
      level: 'warning',
      found: expect.stringContaining(`pid ${held.pid} (billing), idle in transaction`),
      remedy: expect.stringContaining(`pg_terminate_backend(${held.pid})`),
    }),
  ])
})

test('shards without a relay are wrong, paused ones a warning', async () => {
  await using db = await operatedDatabase()
  expect(await found(db, 'relays')).toEqual(is('wrong', 'no relay is alive'))
  await pauseShards(db.pool, [3, 9])
  await startRelay(db)
  const findings = await examine(db)
  expect(findings.get('relays')).toEqual(is('ok', 'alive: relay-1'))
  expect(findings.get('paused')).toEqual([expect.objectContaining({ level: 'warning', remedy: 'outbox resume 3 9' })])
})

test('dead letters of the outbox and of a group', async () => {
  await using db = await operatedDatabase()
  await db.park(1)
  await db.pool.query(`insert into inbox.consumer_group (name) values ('group-a')`)
  await db.pool.query(
    `insert into inbox.dead_letter (group_name, topic, partition, kafka_offset, headers, published_at, reason, attempts,
       first_failed_at) values ('group-a', 'shared-events', 4, 7, '{}', now(), 'the handler said no', 5, now())`,
  )
  const findings = await examine(db)
  expect(findings.get('dead-letters')).toEqual(is('warning', '1 message was refused'))
  expect(findings.get('group-dead-letters')).toEqual(is('warning', '1 message was given up by group group-a'))
})

test('a clock that is off is told apart from a round trip that was slow', async () => {
  await using db = await operatedDatabase()
  expect(await checkClock(db.pool)).toEqual(is('ok'))
  expect(await checkClock(db.pool, () => Date.now() - 3_600_000)).toEqual(is('warning', 'differ by 3'))
  const slow = [Date.now() - 10_000, Date.now() + 10_000]
  expect(await checkClock(db.pool, () => slow.shift() ?? 0)).toEqual(is('ok'))
})

test('Kafka: away, or not named', async () => {
  await using db = await operatedDatabase()
  expect(await found(db, 'kafka')).toEqual(is('warning', 'nobody has said where it is'))
  expect(await found(db, 'kafka', '--kafka-brokers 127.0.0.1:1')).toEqual(is('wrong', 'does not answer'))
})

test('Kafka: spoken to as the settings of the apps say, and what to correct in them', async () => {
  await using db = await operatedDatabase()
  await makeTick(db.pool, { topicPartitions: new Map([[await freshTopic({}), 1]]) })
  const doctor = (env: Record<string, string>) => runOperator(`doctor ${kafka}`, { databaseUrl: db.url, env })
  expect((await doctor({ KAFKA_TLS: 'true' })).out.replace(/\s+/g, ' ')).toContain(
    'does not answer: the broker closes the connection instead of speaking TLS',
  )
  expect(await doctor({ KAFKA_USERNAME: 'app' })).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('KAFKA_USERNAME is set without KAFKA_SASL_MECHANISM'),
  })
})

test('topics: missing, with another partition count, compacted, for small messages, without enough replicas', async () => {
  await using db = await operatedDatabase()
  const missing = `test-${randomBytes(6).toString('hex')}`
  const small = await freshTopic({ partitions: 2, settings: { 'max.message.bytes': '20000' } })
  const compacted = await freshTopic({ partitions: 6, settings: { 'cleanup.policy': 'compact' } })
  const stuck = await freshTopic({ partitions: 7, settings: { 'min.insync.replicas': '2' } })
  await makeTick(db.pool, { topicPartitions: new Map([missing, small, compacted, stuck].map((topic) => [topic, 6])) })
  const findings = await examine(db, kafka)
  const of = (check: string, topic: string) => (findings.get(check) ?? []).filter((each) => each.found.includes(topic))
  expect(of('topic', missing)).toEqual(is('wrong', 'is missing'))
  expect(of('topic', small)).toEqual(is('wrong', 'has 2 partitions, but the log goes by 6'))
  expect(of('topic', compacted)).toEqual(is('ok'))
  expect(of('topic', stuck)).toEqual(is('warning', 'has 7 partitions, and the log still goes by 6'))
  expect(of('topic-policy', small)).toEqual(is('ok'))
  expect(of('topic-policy', compacted)).toEqual(is('wrong', 'cleanup.policy=compact'))
  expect(of('topic-message-bytes', small)).toEqual(is('warning', '20000 bytes'))
  expect(of('topic-message-bytes', compacted)).toEqual(is('ok'))
  expect(of('topic-replicas', stuck)).toEqual(is('wrong', 'Kafka refuses each send'))
  expect(of('topic-replicas', small)).toEqual(is('warning', '1 replica'))
})

test('groups that are registered but silent, beside one with a member', async () => {
  await using db = await operatedDatabase()
  const topic = await freshTopic({})
  const [here, silent] = [`here-${topic}`, `silent-${topic}`]
  await db.pool.query('insert into inbox.consumer_group (name) values ($1), ($2)', [here, silent])
  const stop = new AbortController()
  const member = runSubscriber(testKafka(), {
    group: here,
    topics: [topic],
    startAt: async () => undefined,
    onBatch: async ({ fetchedOffset }) => ({ nextOffset: fetchedOffset }),
    signal: stop.signal,
  })
  try {
    await expect
      .poll(() => found(db, 'groups', kafka), { interval: 200 })
      .toEqual([
        ...is('ok', `group ${here} has 1 member`),
        ...is('warning', `group ${silent} is registered, but has no member`),
      ])
  } finally {
    stop.abort()
    await member
  }
})

test("what producers let through is PRODUCER_MAX_PAYLOAD_BYTES' default", () => {
  const operations = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
  expect(operations).toContain(`| \`PRODUCER_MAX_PAYLOAD_BYTES\` | \`${producerMaxPayloadBytes}\` |`)
})
