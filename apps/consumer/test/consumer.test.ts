import { fileURLToPath } from 'node:url'
import { discardDeadLetters } from '@outbox/inbox/discard-dead-letters'
import { listDeadLetters } from '@outbox/inbox/list-dead-letters'
import { requestReplay } from '@outbox/inbox/request-replay'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { expect, test, vi } from 'vitest'
import { startConsumer, waitUntil } from './consumer-process.ts'
import { countEffects, effectsByPartition, inOrder } from './effects.ts'
import { testTopic } from './test-topic.ts'

// Real processes, session time-outs and rebalances, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

test('a member starts before its topic, applies each message once, tells about it, and stops in good order', async () => {
  await using db = await freshDatabase()
  await using topic = testTopic(3)
  await using consumer = startConsumer({
    DATABASE_URL: db.url,
    TOPICS: topic.topic,
    CONSUMER_GROUP: topic.group,
    INSTANCE: 'member-1',
  })
  await waitUntil(async () => {
    const { status, body } = await consumer.get('/health/ready')
    expect({ status, ...JSON.parse(body) }).toMatchObject({
      status: 'not ready',
      instance: 'member-1',
      failing: ['kafka', 'partitions', 'dead letters'],
    })
    expect(status).toBe(503)
    expect(body).toContain(topic.topic)
  })
  await topic.create()
  await topic.publish(1, 300)
  await topic.publish(200, 400)
  await consumer.ready()
  await waitUntil(async () => expect(await countEffects(db.pool)).toBe(400))
  expect(await effectsByPartition(db.pool)).toEqual(inOrder(1, 400, 3))
  expect((await db.pool.query('select name from inbox.consumer_group')).rows).toEqual([{ name: topic.group }])

  await waitUntil(async () =>
    expect(await consumer.status()).toMatchObject({
      instance: 'member-1',
      status: 'ready',
      group: topic.group,
      counts: { applied: 400, duplicates: 101, deadLettered: 0 },
      lag: '0',
      partitions: [0, 1, 2].map((partition) => ({ topic: topic.topic, partition, lag: '0' })),
    }),
  )
  const { body } = await consumer.get('/metrics')
  const ofGroup = `{group="${topic.group}"}`
  expect(body).toContain(`outbox_consumer_applied_total${ofGroup} 400\n`)
  expect(body).toContain(`outbox_consumer_duplicates_total${ofGroup} 101\n`)
  expect(body).toContain(
    `outbox_consumer_lag_messages{group="${topic.group}",topic="${topic.topic}",partition="2"} 0\n`,
  )
  expect(body).toMatch(/outbox_consumer_end_to_end_seconds_count\{.*\} [1-9]/)
  expect(body).toMatch(/outbox_consumer_publish_to_effect_seconds_count\{.*\} [1-9]/)
  expect(body).toMatch(/outbox_consumer_transaction_seconds_count\{.*outcome="committed"\} [1-9]/)
  expect(body).toMatch(/outbox_consumer_handler_seconds_count\{.*\} [1-9]/)
  expect(body).toMatch(/outbox_consumer_assignments_total\{.*\} [1-9]/)

  consumer.kill('SIGTERM')
  expect(await consumer.exited).toBe(0)
})

test("a handler of one's own: the example adds up each order once", async () => {
  await using db = await freshDatabase()
  await using topic = testTopic(2)
  await topic.create()
  const order = (id: number) => JSON.stringify({ amount: id })
  await topic.publish(1, 100, order)
  await topic.publish(1, 100, order)
  await using consumer = startConsumer({
    DATABASE_URL: db.url,
    TOPICS: topic.topic,
    CONSUMER_GROUP: topic.group,
    CONSUMER_HANDLER: fileURLToPath(new URL('../examples/total-by-key.ts', import.meta.url)),
  })
  await consumer.ready()
  await waitUntil(async () => {
    const { rows } = await db.pool.query(
      'select sum(amount)::int as total, count(*)::int as customers from customer_total',
    )
    expect(rows).toEqual([{ total: 5_050, customers: 7 }])
    expect((await consumer.status()).counts).toMatchObject({ applied: 100, duplicates: 100 })
  })
})

test('a message that the handler fails becomes a dead letter, the others flow, and it takes effect when asked for', async () => {
  await using db = await freshDatabase()
  await using topic = testTopic(1)
  await topic.create()
  const member = { DATABASE_URL: db.url, TOPICS: topic.topic, CONSUMER_GROUP: topic.group, CONSUMER_MAX_ATTEMPTS: '2' }
  await using consumer = startConsumer(member)
  await consumer.ready()
  await db.pool.query(`insert into poison values ('17')`)
  await topic.publish(1, 60)
  await waitUntil(async () => expect(await countEffects(db.pool)).toBe(59))
  expect(await listDeadLetters(db.pool)).toMatchObject([
    { group: topic.group, reason: "Error: can't take 17", attempts: 2 },
  ])
  const { body } = await consumer.get('/metrics')
  expect(body).toContain(`outbox_consumer_dead_letters_total{group="${topic.group}"} 1\n`)
  expect(body).toMatch(/outbox_consumer_transaction_seconds_count\{.*outcome="handler-failed"\} [1-9]/)

  await db.pool.query('delete from poison')
  await requestReplay(db.pool, { group: topic.group })
  await waitUntil(async () => expect(await countEffects(db.pool)).toBe(60))
  expect((await effectsByPartition(db.pool))[0]?.at(-1)).toBe(17)
  await waitUntil(async () => expect((await consumer.status()).counts).toMatchObject({ deadLettered: 1, replayed: 1 }))
})

test('while the group may keep no more dead letters, a message that fails holds its partition alone, until there is room', async () => {
  await using db = await freshDatabase()
  await using topic = testTopic(2)
  await topic.create()
  await using consumer = startConsumer({
    DATABASE_URL: db.url,
    TOPICS: topic.topic,
    CONSUMER_GROUP: topic.group,
    CONSUMER_MAX_ATTEMPTS: '2',
    CONSUMER_MAX_DEAD_LETTERS: '1',
    // A held partition that took the one place would keep the other partition from being worked on.
    CONSUMER_CONCURRENT_PARTITIONS: '1',
  })
  await consumer.ready()
  await db.pool.query(`insert into poison values ('5'), ('7')`)
  await topic.publish(1, 20)
  const odd = [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]
  const even = odd.map((number) => number + 1)
  await waitUntil(async () => expect(await effectsByPartition(db.pool)).toEqual([even, [1, 3]]))
  await waitUntil(async () => {
    const { status, body } = await consumer.get('/health/ready')
    expect({ status, failing: JSON.parse(body).failing }).toEqual({ status: 503, failing: ['dead letters'] })
    expect(body).toContain(`${topic.topic}/1: group ${topic.group} keeps 1 dead letters`)
    expect(body).toContain(`pnpm outbox dead-letters list --group ${topic.group}`)
  })
  await topic.publish(21, 40)
  const { rows } = await db.pool.query('select count(*)::int as n from inbox.dead_letter')
  expect(rows).toEqual([{ n: 1 }])
  await waitUntil(async () => expect(await countEffects(db.pool)).toBe(22))
  const failed = 'a batch failed and will be tried again'
  await waitUntil(() => expect(consumer.log.filter(({ msg }) => msg === failed).length).toBeGreaterThan(1))
  const { body } = await consumer.get('/metrics')
  expect(body).toContain(`outbox_consumer_dead_letters{group="${topic.group}"} 1\n`)
  expect(body).toContain(
    `outbox_consumer_partition_held{group="${topic.group}",topic="${topic.topic}",partition="1"} 1\n`,
  )
  expect(body).toMatch(/outbox_consumer_batch_failures_total\{.*\} [1-9]/)

  await discardDeadLetters(db.pool, { group: topic.group })
  await consumer.ready()
  const applied = inOrder(1, 40, 2).map((numbers) => numbers.filter((number) => number !== 5 && number !== 7))
  await waitUntil(async () => expect(await effectsByPartition(db.pool)).toEqual(applied))
  expect(await listDeadLetters(db.pool)).toMatchObject([{ reason: "Error: can't take 7" }])
})

test('a partition that needs an operator stops loudly, and the others go on', async () => {
  await using db = await freshDatabase()
  await using topic = testTopic(2)
  await topic.create()
  const member = { DATABASE_URL: db.url, TOPICS: topic.topic, CONSUMER_GROUP: topic.group }
  {
    await using first = startConsumer(member)
    await first.ready()
    await topic.publish(1, 10)
    await waitUntil(async () => expect(await countEffects(db.pool)).toBe(10))
    first.kill('SIGTERM')
    expect(await first.exited).toBe(0)
  }
  await db.pool.query('update inbox.kafka_offset set next_offset = 1000 where partition = 1')
  await using consumer = startConsumer(member)
  await topic.publish(11, 20)
  await waitUntil(async () => {
    const { status, body } = await consumer.get('/health/ready')
    expect({ status, failing: JSON.parse(body).failing }).toEqual({ status: 503, failing: ['partitions'] })
    expect(body).toContain(`${topic.topic}/1: Group ${topic.group} is at offset 1000`)
    expect(await countEffects(db.pool)).toBe(15)
  })
  expect(await effectsByPartition(db.pool)).toEqual([inOrder(1, 20, 2)[0], inOrder(1, 10, 2)[1]])
  const stopped = (await consumer.status()).partitions.map(({ stopped }) => stopped?.code)
  expect(stopped).toEqual([undefined, 'OUTBOX_TOPIC_REMADE'])
  expect(consumer.log).toContainEqual(
    expect.objectContaining({
      level: 50,
      code: 'OUTBOX_TOPIC_REMADE',
      partition: 1,
      remedy: expect.stringContaining('Set next_offset'),
    }),
  )
  expect((await consumer.get('/metrics')).body).toContain(
    `outbox_consumer_partition_stopped{group="${topic.group}",topic="${topic.topic}",partition="1"} 1\n`,
  )
})
