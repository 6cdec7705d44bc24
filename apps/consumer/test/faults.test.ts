import { freshDatabase } from '@outbox/local-stack/fresh-database'
import pg from 'pg'
import { expect, inject, test, vi } from 'vitest'
import { startConsumer, waitUntil } from './consumer-process.ts'
import { countEffects, effectsByPartition, inOrder } from './effects.ts'
import { testTopic } from './test-topic.ts'

// Real processes, session time-outs and rebalances, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

const messages = 1_200

/** Waits for a moment in the middle of the work, somewhere in some member's transaction. */
const inTheMiddle = (db: pg.Pool, atLeast: number) =>
  waitUntil(async () => expect(await countEffects(db)).toBeGreaterThan(atLeast))

test('a member killed in the middle of its work: its successor goes on, and each message has one effect', async () => {
  await using db = await freshDatabase()
  await using topic = testTopic(3)
  await topic.create()
  const member = { DATABASE_URL: db.url, TOPICS: topic.topic, CONSUMER_GROUP: topic.group }
  await using killed = startConsumer(member)
  await killed.ready()
  await topic.publish(1, messages)
  await inTheMiddle(db.pool, 100)
  killed.kill('SIGKILL')
  expect(await killed.exited).toBe('SIGKILL')
  expect(await countEffects(db.pool)).toBeLessThan(messages)

  await using _successor = startConsumer(member)
  await waitUntil(async () => expect(await countEffects(db.pool)).toBe(messages))
  expect(await effectsByPartition(db.pool)).toEqual(inOrder(1, messages, 3))
})

test('a member paused past its session time-out: its late commit is harmless when it wakes up', async () => {
  await using db = await freshDatabase()
  await using topic = testTopic(3)
  await topic.create()
  const member = { DATABASE_URL: db.url, TOPICS: topic.topic, CONSUMER_GROUP: topic.group }
  await using zombie = startConsumer({ ...member, INSTANCE: 'zombie' })
  await zombie.ready()
  await topic.publish(1, messages)
  await inTheMiddle(db.pool, 100)
  zombie.kill('SIGSTOP')
  await using successor = startConsumer({ ...member, INSTANCE: 'successor' })
  await waitUntil(async () => expect(await countEffects(db.pool)).toBe(messages))
  zombie.kill('SIGCONT')
  await topic.publish(messages - 100, messages + 300)
  await waitUntil(async () => expect(await countEffects(db.pool)).toBe(messages + 300))

  // Both are members again, and what one of them still had in hand has been tried.
  await waitUntil(async () => {
    const [awake, other] = [await zombie.status(), await successor.status()]
    expect(awake.partitions.length + other.partitions.length).toBe(3)
    expect(awake.partitions).not.toEqual([])
    expect([awake.lag, other.lag]).toEqual(['0', '0'])
  })
  expect(await effectsByPartition(db.pool)).toEqual(inOrder(1, messages + 300, 3))
})

test('a member whose connections are terminated again and again counts nothing against its messages', async () => {
  await using db = await freshDatabase()
  await using topic = testTopic(3)
  await topic.create()
  const member = { DATABASE_URL: db.url, TOPICS: topic.topic, CONSUMER_GROUP: topic.group, CONSUMER_MAX_ATTEMPTS: '1' }
  await using consumer = startConsumer({ ...member, INSTANCE: 'terminated' })
  await consumer.ready()
  await topic.publish(1, messages)
  for (let atLeast = 50; atLeast < messages; atLeast += 250) {
    await inTheMiddle(db.pool, atLeast)
    await terminate('terminated')
  }
  await waitUntil(async () => expect(await countEffects(db.pool)).toBe(messages))
  expect(await effectsByPartition(db.pool)).toEqual(inOrder(1, messages, 3))
  expect((await consumer.status()).counts.deadLettered).toBe(0)
})

test('while the database is away the member is not ready and says so; then it goes on', async () => {
  await using db = await freshDatabase()
  await using topic = testTopic(1)
  await topic.create()
  const member = { DATABASE_URL: db.url, TOPICS: topic.topic, CONSUMER_GROUP: topic.group, INSTANCE: 'cut-off' }
  await using consumer = startConsumer({ ...member, DATABASE_CONNECT_TIMEOUT_MS: '200' })
  await consumer.ready()
  await letIn(db.url, false)
  await terminate('cut-off')
  await topic.publish(1, 20)
  await waitUntil(async () =>
    expect(JSON.parse((await consumer.get('/health/ready')).body).failing).toEqual(['database']),
  )
  await letIn(db.url, true)
  await consumer.ready()
  await waitUntil(async () => expect(await effectsByPartition(db.pool)).toEqual(inOrder(1, 20, 1)))
})

test('a database that has lost its last transactions gets them again, though Kafka was told more', async () => {
  await using db = await freshDatabase()
  await using topic = testTopic(1)
  await topic.create()
  const member = { DATABASE_URL: db.url, TOPICS: topic.topic, CONSUMER_GROUP: topic.group }
  {
    await using first = startConsumer(member)
    await first.ready()
    await topic.publish(1, 40)
    await waitUntil(async () => expect(await countEffects(db.pool)).toBe(40))
    first.kill('SIGTERM')
    expect(await first.exited).toBe(0)
  }
  await db.pool.query(`
    delete from effect where value::int > 25;
    update inbox.kafka_offset set next_offset = 25, positions = array(
      select format('%s/%s/%s.%s', split_part(place, '/', 1), shard, last, last)
      from unnest(positions) as place, cast(split_part(place, '/', 2) as int) as shard, cast(25 - (25 - shard) % 4 as int) as last)`)
  await using _second = startConsumer(member)
  await waitUntil(async () => expect(await effectsByPartition(db.pool)).toEqual(inOrder(1, 40, 1)))
})

function terminate(instance: string): Promise<void> {
  return asAdmin('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [instance])
}

/** Shuts the database to new connections, or opens it again. */
function letIn(url: string, allowed: boolean): Promise<void> {
  return asAdmin(`alter database ${new URL(url).pathname.slice(1)} allow_connections ${allowed}`)
}

/** From another database, since PostgreSQL lets nobody shut the one that he is in. */
async function asAdmin(statement: string, values: string[] = []): Promise<void> {
  const admin = new pg.Client({ connectionString: inject('databaseUrl') })
  await admin.connect()
  await admin.query(statement, values)
  await admin.end()
}
