import { expect, test } from 'vitest'
import { appendMessages } from '../src/append-messages.ts'
import { makeTick } from '../src/make-tick.ts'
import { readTicks } from '../src/read-ticks.ts'
import { sweepOutbox } from '../src/sweep-outbox.ts'
import { readTopicPartitions } from '../src/topic-partitions.ts'
import { message, outboxDatabase, payloads, readBatch, stoppingAfter } from './outbox-database.ts'

test('the first message is not lost: an unused sequence says 1 and means 0', async () => {
  await using db = await outboxDatabase()
  expect(await makeTick(db.pool)).toBeUndefined()
  await db.append(message('first'))
  const tick = await makeTick(db.pool)
  expect(tick).toMatchObject({ lastId: 1n, prev: { lastId: 0n } })
  expect(payloads(await readBatch(db, tick))).toEqual(['first'])
})

test('no tick is made while nothing is new', async () => {
  await using db = await outboxDatabase()
  await db.append(message('one'))
  const open = await db.begin()
  await open.query('select pg_current_xact_id()')
  expect(await makeTick(db.pool)).toBeDefined()
  expect(await makeTick(db.pool)).toBeUndefined()
  await open.commit()
  expect(await makeTick(db.pool)).toBeUndefined()
})

test('a message that commits late is read in a later batch, once, although no id is new', async () => {
  await using db = await outboxDatabase()
  const late = await db.begin()
  await appendMessages(late, [message('late')])
  await db.append(message('early'))
  const first = await makeTick(db.pool)
  expect(payloads(await readBatch(db, first))).toEqual(['early'])
  expect(await makeTick(db.pool)).toBeUndefined()

  await late.commit()
  const second = await makeTick(db.pool)
  expect(second?.lastId).toBe(first?.lastId)
  expect(payloads(await readBatch(db, second))).toEqual(['late'])
  expect(payloads(await readBatch(db, first))).toEqual(['early'])
  expect(await makeTick(db.pool)).toBeUndefined()
})

test('a message by a transaction that began between the snapshot and the tick is read late', async () => {
  await using db = await outboxDatabase()
  await db.append(message('before'))
  const between = await db.begin()
  // It gets its id before the tick has read the sequence, but its transaction isn't in the snapshot any more.
  const relay = stoppingAfter(db.pool, 'outbox-poll', async ({ rows: [polled] }) => {
    await appendMessages(between, [message('between')])
    polled.new_last_id = (await db.pool.query('select last_value from outbox.message_id_seq')).rows[0].last_value
  })
  const first = await makeTick(relay)
  expect(payloads(await readBatch(db, first))).toEqual(['before'])
  expect(await makeTick(db.pool)).toBeUndefined()

  await between.commit()
  const second = await makeTick(db.pool)
  expect(second?.lastId).toBe(first?.lastId)
  expect(payloads(await readBatch(db, second))).toEqual(['between'])
  expect(await makeTick(db.pool)).toBeUndefined()
})

test('of relays that make a tick at once one succeeds, and the log does not fork', async () => {
  await using db = await outboxDatabase()
  const [relays, rounds] = [8, 20]
  // Ahead of the clock, they also agree on the number of the next tick.
  const { rows } = await db.pool.query('update outbox.tick set n = n + 3600000 returning n')
  for (let round = 0; round < rounds; round++) {
    await db.append(message(`${round}`))
    const together = Promise.withResolvers<void>()
    let polled = 0
    const relay = stoppingAfter(db.pool, 'outbox-poll', async () => {
      if (++polled === relays) together.resolve()
      await together.promise
    })
    const made = await Promise.all(Array.from({ length: relays }, () => makeTick(relay)))
    expect(made.filter((tick) => tick !== undefined)).toHaveLength(1)
  }
  const ticks = await readTicks(db.pool, { after: BigInt(rows[0].n), limit: 1_000 })
  expect(ticks.map(({ prev }) => prev.n)).toEqual([BigInt(rows[0].n), ...ticks.slice(0, -1).map(({ n }) => n)])
  const batches = await Promise.all(ticks.map((tick) => readBatch(db, tick)))
  expect(payloads(batches.flat())).toEqual(Array.from({ length: rounds }, (_, round) => `${round}`))
})

test('a relay that stopped between its poll and its insert, while ticks were swept, cannot fork the log', async () => {
  await using db = await outboxDatabase()
  await db.append(message('one'))
  const stopped = Promise.withResolvers<void>()
  const polled = Promise.withResolvers<void>()
  const relay = stoppingAfter(db.pool, 'outbox-poll', async () => {
    polled.resolve()
    await stopped.promise
  })
  const forked = makeTick(relay)
  await polled.promise
  for (const payload of ['two', 'three', 'four']) {
    await db.append(message(payload))
    const tick = await makeTick(db.pool)
    await db.pool.query('update outbox.shard set position_n = $1, position_id = $2', [tick?.n, tick?.lastId])
  }
  expect(await sweepOutbox(db.pool)).toMatchObject({ ticks: 2 })
  stopped.resolve()
  expect(await forked).toBeUndefined()
})

test("ticks go by the database's clock, and never backwards", async () => {
  await using db = await outboxDatabase()
  await db.append(message('one'))
  const first = await makeTick(db.pool)
  expect(Number(first?.n)).toBeGreaterThan(Number(first?.prev.n))
  const ahead = BigInt(Date.now() + 3_600_000)
  await db.pool.query('update outbox.tick set n = $2 where n = $1', [first?.n, ahead])
  await db.append(message('two'))
  expect(await makeTick(db.pool)).toMatchObject({ n: ahead + 1n, prev: { n: ahead } })
})

test('a sequence behind the last tick is reported, as nothing would ever be published', async () => {
  await using db = await outboxDatabase()
  await db.append(message('one'), message('two'))
  await makeTick(db.pool)
  await db.pool.query(`select setval('outbox.message_id_seq', 1)`)
  await expect(makeTick(db.pool)).rejects.toMatchObject({ code: 'OUTBOX_LOG_BEHIND' })
})

test('a topic has the partitions that were recorded with a tick, from that tick on', async () => {
  await using db = await outboxDatabase()
  const ticks = []
  for (const partitions of [6, 6, 8]) {
    await db.append(message('one'))
    ticks.push(await makeTick(db.pool, { topicPartitions: new Map([['shared-events', partitions]]) }))
  }
  const { rows } = await db.pool.query('select partitions from outbox.topic order by from_n')
  expect(rows).toEqual([{ partitions: 6 }, { partitions: 8 }])
  const recorded = await readTopicPartitions(db.pool)
  expect(ticks.map((tick) => recorded.at('shared-events', tick?.n ?? 0n))).toEqual([6, 6, 8])
  expect(recorded.latest('shared-events')).toBe(8)
  expect(recorded.at('unknown', ticks[2]?.n ?? 0n)).toBeUndefined()
})

test("a topic's first count also holds for the batches before it, which nobody could publish", async () => {
  await using db = await outboxDatabase()
  await db.append(message('one'))
  const before = await makeTick(db.pool)
  await makeTick(db.pool, { topicPartitions: new Map([['shared-events', 6]]) })
  expect((await readTopicPartitions(db.pool)).at('shared-events', before?.n ?? 0n)).toBe(6)
})

test('a changed partition count makes a tick even where no message is new, the same count none', async () => {
  await using db = await outboxDatabase()
  const topicPartitions = new Map([['shared-events', 6]])
  const tick = await makeTick(db.pool, { topicPartitions })
  expect(await readBatch(db, tick)).toEqual([])
  expect((await readTopicPartitions(db.pool)).at('shared-events', tick?.n ?? 0n)).toBe(6)
  expect(await makeTick(db.pool, { topicPartitions })).toBeUndefined()
})
