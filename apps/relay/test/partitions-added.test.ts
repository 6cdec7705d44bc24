import type pg from 'pg'
import { expect, test, vi } from 'vitest'
import { expectWholeAndInOrder, firstAppearances, readTopic } from './read-topic.ts'
import { startRelay } from './relay-process.ts'
import { addPartitions, createTopic } from './topic-admin.ts'
import { outboxDatabase, writeLog } from './written-log.ts'

test('partitions added under load, the relay killed at that moment: each place goes to one partition only', async () => {
  await using database = await outboxDatabase()
  const { topic, pool } = database
  const env = { RELAY_WINDOW_IDS: '200' }
  const written = await writeLog(pool, { topic, count: 4_000 })
  await using first = startRelay({ databaseUrl: database.url, topic, env })
  await first.ready()
  const more = writeLog(pool, { topic, count: 4_000 })
  await addPartitions(topic, 12)
  await first.end('SIGKILL')
  await using _successor = startRelay({ databaseUrl: database.url, topic, env })
  await vi.waitFor(async () => expect((await countsLogged(pool, topic)).at(-1)).toBe(12), { timeout: 30_000 })
  const last = await writeLog(pool, { topic, count: 400 })
  const all = [written, await more, last].flat()
  const read = await readTopic(topic, (messages) => firstAppearances(messages).length === all.length)
  expect(new Set(read.map(({ partition }) => partition)).size).toBeGreaterThan(6)
})

test('a topic found with another number of partitions is used as it is', async () => {
  await using database = await outboxDatabase()
  const { topic, pool } = database
  await createTopic(topic, 3)
  await using relay = startRelay({ databaseUrl: database.url, topic })
  await expectWholeAndInOrder(topic, await writeLog(pool, { topic, count: 200 }))
  expect(await countsLogged(pool, topic)).toEqual([3])
  expect(relay.lines.join('\n')).toContain('another partition count; used as it is')
})

test('a topic that is missing and may not be made holds everything back, loudly, until it is there', async () => {
  await using database = await outboxDatabase()
  const { topic, pool } = database
  const written = await writeLog(pool, { topic, count: 40 })
  await using relay = startRelay({ databaseUrl: database.url, topic, env: { RELAY_CREATE_TOPICS: 'false' } })
  await vi.waitFor(() => expect(relay.lines.join('\n')).toContain(`topic \\"${topic}\\" does not exist`), {
    timeout: 30_000,
  })
  await createTopic(topic, 6)
  await expectWholeAndInOrder(topic, written)
})

test('a compacted topic is refused with exit code 78', async () => {
  await using database = await outboxDatabase()
  await createTopic(database.topic, 6, { 'cleanup.policy': 'compact' })
  await using relay = startRelay({ databaseUrl: database.url, topic: database.topic })
  expect(await relay.exited).toBe(78)
  expect(relay.lines.at(-1)).toContain('compaction may keep an old value')
})

async function countsLogged(pool: pg.Pool, topic: string): Promise<number[]> {
  const { rows } = await pool.query('select partitions from outbox.topic where topic = $1 order by from_n', [topic])
  return rows.map(({ partitions }) => partitions)
}
