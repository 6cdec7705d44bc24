import { partitionFor } from '@outbox/kafka/partition-for'
import { appendMessages } from '@outbox/outbox/append-messages'
import { claimShards } from '@outbox/outbox/claim-shards'
import { makeTick } from '@outbox/outbox/make-tick'
import { movePositions } from '@outbox/outbox/move-positions'
import { parsePlace } from '@outbox/outbox/place'
import { makeRelayName } from '@outbox/outbox/relay-name'
import { sweepOutbox } from '@outbox/outbox/sweep-outbox'
import { expect, inject, test } from 'vitest'
import { freshTopic, publishTo } from './kafka-topic.ts'
import { openTransaction } from './open-transaction.ts'
import { type OperatedDatabase, operatedDatabase, runOperator } from './run-operator.ts'

const topic = 'shared-events'
const partitions = 6

/** A database with groups and a relay's lease, and its steps one by one. */
async function relayedDatabase() {
  const db = await operatedDatabase()
  await db.pool.query(`insert into inbox.consumer_group (name) values ('group-a'), ('group-b')`)
  const relay = makeRelayName('relay-1')
  const { owned } = await claimShards(db.pool, { relay, leaseMs: 60_000, entering: true })
  return Object.assign(db, {
    async append(key: string | null, payload = 'payload') {
      const [id = ''] = await appendMessages(db.pool, [{ topic, key, payload }])
      return id
    },
    tick: () => makeTick(db.pool, { topicPartitions: new Map([[topic, partitions]]) }),
    async publish() {
      const { rows } = await db.pool.query('select n, last_id from outbox.tick order by n desc limit 1')
      const to = { n: BigInt(rows[0].n), id: BigInt(rows[0].last_id) }
      await movePositions(db.pool, { relay, shards: owned, to })
    },
    find: async (id: string) => JSON.parse((await db.outbox(`find ${id} --json`)).out),
  })
}

/** The group's position, as an inbox moves it. */
async function apply(db: OperatedDatabase, { group, place, key }: { group: string; place: string; key: string }) {
  await db.pool.query(
    `insert into inbox.kafka_offset (group_name, topic, partition, positions) values ($1, $2, $3, array[$4])
     on conflict (group_name, topic, partition) do update set positions = excluded.positions`,
    [group, topic, partitionFor(key, partitions), place],
  )
}

test('a message is followed from its append over its tick and its publication to each group', async () => {
  await using db = await relayedDatabase()
  await db.append('other')
  const id = await db.append('customer-17')
  const appended = await db.find(id)
  expect(appended).toMatchObject({
    message: { id: '2', messageId: id, topic, key: 'customer-17', bytes: 7 },
    place: null,
    seenBy: null,
    passed: false,
  })
  expect((await db.outbox(`find ${id}`)).out).toMatch(
    /Place +none yet: no tick has seen its commit\nPublished +not yet\n/,
  )

  const tick = await db.tick()
  const placed = await db.find('2')
  expect(parsePlace(placed.place)).toMatchObject({ n: tick?.n, id: 2n, shard: placed.message.shard })
  expect(placed).toMatchObject({ passed: false, groups: [{ state: 'not yet' }, { state: 'not yet' }] })

  await db.publish()
  await apply(db, { group: 'group-a', place: placed.place, key: 'customer-17' })
  const published = await db.find(id.toUpperCase())
  const states = [
    { group: 'group-a', state: 'applied' },
    { group: 'group-b', state: 'not yet' },
  ]
  expect(published).toMatchObject({
    passed: true,
    partition: partitionFor('customer-17', partitions),
    parked: [],
    groups: states,
  })
  const { out } = await db.outbox(`find ${id}`)
  expect(out).toMatch(/Published +yes, in partition \d\n/)
  expect(out).toMatch(/group-a +applied\n +group-b +not yet\n/)
})

test('where its tick is swept it is published; a group has applied it if it is beyond the oldest tick, else nobody knows', async () => {
  await using db = await relayedDatabase()
  const id = await db.append('customer-17')
  await db.tick()
  const { place } = await db.find(id)
  for (let at = 0; at < 3; at++) {
    await db.append('customer-17')
    await db.tick()
    await db.publish()
  }
  const later = await db.find('4')
  await apply(db, { group: 'group-a', place: later.place, key: 'customer-17' })
  await apply(db, { group: 'group-b', place, key: 'customer-17' })
  expect((await sweepOutbox(db.pool)).ticks).toBe(3)
  expect(await db.find('2')).toMatchObject({
    place: null,
    seenBy: expect.any(String),
    passed: true,
    groups: [
      { group: 'group-a', state: 'applied' },
      { group: 'group-b', state: 'unknown' },
    ],
  })
  expect((await db.outbox(`find ${id}`)).out).toMatch(/Place +forgotten: its tick is swept\nPublished +yes/)
})

test('where its place is forgotten, a group that has applied all that Kafka holds has applied it', async () => {
  await using db = await operatedDatabase()
  const topic = await freshTopic({})
  await db.pool.query(`insert into inbox.consumer_group (name) values ('behind'), ('done')`)
  const { owned } = await claimShards(db.pool, { relay: makeRelayName('relay-1'), leaseMs: 60_000, entering: true })
  const [relay = ''] = (await db.pool.query('select relay from outbox.shard')).rows.map((row) => row.relay)
  for (let at = 0; at < 3; at++) {
    await appendMessages(db.pool, [{ topic, key: 'customer-17', payload: `${at}` }])
    const tick = await makeTick(db.pool, { topicPartitions: new Map([[topic, 1]]) })
    await movePositions(db.pool, { relay, shards: owned, to: { n: tick?.n ?? 0n, id: tick?.lastId ?? 0n } })
  }
  await publishTo(topic, { partition: 0, count: 3 })
  await db.pool.query(
    `insert into inbox.kafka_offset (group_name, topic, partition, next_offset) values ('behind', $1, 0, 2), ('done', $1, 0, 3)`,
    [topic],
  )
  await sweepOutbox(db.pool)
  const groups = async (options: string) =>
    JSON.parse((await db.outbox(`find 1 --json ${options}`.trimEnd())).out).groups
  expect(await groups(`--kafka-brokers ${inject('kafkaBrokers')}`)).toMatchObject([
    { group: 'behind', state: 'unknown' },
    { group: 'done', state: 'applied' },
  ])
  expect(await groups('')).toMatchObject([
    { group: 'behind', state: 'unknown' },
    { group: 'done', state: 'unknown' },
  ])
})

test('what was refused and sent again under another row is not called published', async () => {
  await using db = await relayedDatabase()
  const id = await db.append('customer-17')
  await db.tick()
  await db.publish()
  await db.park(2, { headers: { 'outbox-original-id': id } })
  const { out } = await db.outbox(`find ${id}`)
  expect(out).toMatch(/Published +unsure: a dead letter has the same first id\nDead letter +2: /)
  expect(out).toMatch(/group-a +unknown\n/)
})

test('a row that committed late is placed in the later batch', async () => {
  await using db = await relayedDatabase()
  await using late = await openTransaction(db, 'late')
  const [id = ''] = await appendMessages(late.client, [{ topic, key: 'late', payload: 'late' }])
  await db.append('early')
  const first = await db.tick()
  await late.client.query('commit')
  const second = await db.tick()
  expect(parsePlace((await db.find(id)).place)).toMatchObject({ n: second?.n, id: 1n })
  expect(parsePlace((await db.find('2')).place)).toMatchObject({ n: first?.n, id: 2n })
})

test('dead letters of the outbox and of a group are told', async () => {
  await using db = await relayedDatabase()
  const id = await db.append('customer-17')
  await db.park(1)
  await db.pool.query(
    `insert into inbox.dead_letter (group_name, topic, partition, kafka_offset, message_id, value, headers, published_at,
       reason, attempts, first_failed_at)
     values ('group-b', $1, 4, 7, $2, 'value', '{}', now(), 'the handler said no', 5, now())`,
    [topic, id],
  )
  const { out } = await db.outbox(`find ${id}`)
  expect(out).toMatch(/Published +no: it is a dead letter\nDead letter +1: MESSAGE_TOO_LARGE, it was refused\n/)
  expect(out).toMatch(/Failed by group-b +1: the handler said no\n/)
  expect(out).toMatch(/group-b +dead letter\n/)
})

test('a uuid is found among many by its time, and only by a scan where the clocks disagree by much', async () => {
  await using db = await relayedDatabase()
  for (let at = 0; at < 20; at++) {
    await appendMessages(
      db.pool,
      Array.from({ length: 50 }, () => ({ topic, key: `${at}`, payload: '' })),
    )
  }
  // As if a minute had passed between one append and the next; and some transactions had been rolled back.
  await db.pool.query(`update outbox.message set created_at = created_at - (1000 - id) / 50 * interval '1 min'`)
  await db.pool.query('delete from outbox.message where id % 7 = 0')
  const { rows } = await db.pool.query(
    `select id, message_id, (extract(epoch from created_at) * 1000)::bigint as ms from outbox.message order by id`,
  )
  for (const row of [rows[0], rows[300], rows.at(-1)]) {
    const uuid = uuidOf(BigInt(row.ms), row.message_id)
    await db.pool.query('update outbox.message set message_id = $1 where id = $2', [uuid, row.id])
    expect((await db.find(uuid)).message).toMatchObject({ id: row.id, messageId: uuid })
    const skewed = uuidOf(BigInt(row.ms) - 3_600_000n, row.message_id)
    await db.pool.query('update outbox.message set message_id = $1 where id = $2', [skewed, row.id])
    expect(await db.outbox(`find ${skewed}`)).toMatchObject({ exitCode: 1, err: expect.stringContaining('use --scan') })
    expect((await db.find(`${skewed} --scan`)).message).toMatchObject({ id: row.id })
  }
})

/** A uuid v7 of that time, with the rest of another. */
function uuidOf(ms: bigint, other: string): string {
  const time = ms.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}${other.slice(13)}`
}

test('what is not there is said with what may be the reason', async () => {
  await using db = await relayedDatabase()
  const err = async (line: string) => {
    const outcome = await db.outbox(line)
    expect(outcome).toMatchObject({ exitCode: 1, out: '' })
    return outcome.err
  }
  expect(await err('find 7')).toContain('row 7 is not in the log: it was dropped')
  expect(await err('find 0190b5a0-0000-7000-8000-000000000001')).toContain('within 10 minutes of its time')
  expect(await err('find 0190b5a0-0000-4000-8000-000000000001')).toContain('no uuid of version 7')
  expect(await err('find 0190b5a0-0000-7000-8000-000000000001 --scan')).not.toContain('--scan')
  await db.park(7)
  expect(await err('find 7')).toContain('outbox dead-letters show 7')
  expect(await runOperator('find customer-17', {})).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("Write a message's id"),
  })
})
