import { appendMessages } from '@outbox/outbox/append-messages'
import { pauseShards, resumeShards } from '@outbox/outbox/pause-shards'
import { parsePlace } from '@outbox/outbox/place'
import { expect, test, vi } from 'vitest'
import { expectWholeAndInOrder, firstAppearances, type Published, readTopic } from './read-topic.ts'
import { type RelayProcess, startRelay } from './relay-process.ts'
import { outboxDatabase, type Written, writeLog } from './written-log.ts'

const paused = [1, 2, 3, 5, 8, 13]
const waiting = { timeout: 30_000, interval: 20 }

async function ownedBy(relay: RelayProcess): Promise<number[]> {
  const answer = await fetch(`${await relay.url()}/status`)
  const { shards } = (await answer.json()) as { shards: { shard: number }[] }
  return shards.map(({ shard }) => shard)
}

const owns = (relay: RelayProcess, count: number) =>
  vi.waitFor(async () => expect(await ownedBy(relay)).toHaveLength(count), waiting)

const isOf = (shards: readonly number[]) => (message: Published) =>
  shards.includes(parsePlace(message.headers['outbox-place'] ?? '')?.shard ?? -1)

const idOf = (message: Published) => parsePlace(message.headers['outbox-place'] ?? '')?.id ?? 0n

test('under load, no new place of a paused shard gets out once the relay has let go, the others go on, and resumption brings the rest in order', async () => {
  await using database = await outboxDatabase()
  const { pool, topic } = database
  const env = { RELAY_LEASE_MS: '1000', RELAY_SEND_TIMEOUT_MS: '900', RELAY_WINDOW_IDS: '200' }
  await using relay = startRelay({ databaseUrl: database.url, topic, env })
  await owns(relay, 16)
  const writing = writeLog(pool, { topic, count: 8_000 })
  expect(await pauseShards(pool, paused)).toEqual(paused)
  await owns(relay, 10)
  const { rows: sequence } = await pool.query('select last_value from outbox.message_id_seq')
  const lastId = BigInt(sequence[0].last_value)
  const written = await writing
  const { rows } = await pool.query<{ id: string; paused: boolean }>(
    'select id, (hashtextextended(key, 0) & 15) = any ($1::int[]) as paused from outbox.message',
    [paused],
  )
  expect(rows.filter((row) => row.paused && BigInt(row.id) > lastId).length).toBeGreaterThan(0)
  const others = rows.filter((row) => !row.paused).length
  const isOther = (message: Published) => !isOf(paused)(message)
  const read = await readTopic(topic, (messages) => firstAppearances(messages).filter(isOther).length === others)
  expect(read.filter((message) => isOf(paused)(message) && idOf(message) > lastId)).toEqual([])

  expect(await resumeShards(pool, paused)).toEqual(paused)
  await owns(relay, 16)
  await expectWholeAndInOrder(topic, written)
})

test('a relay that knows of the pause publishes nothing of these shards, be it ever so idle', async () => {
  await using database = await outboxDatabase()
  const { pool, topic } = database
  const env = { RELAY_LEASE_MS: '1000', RELAY_SEND_TIMEOUT_MS: '900' }
  await using relay = startRelay({ databaseUrl: database.url, topic, env })
  await owns(relay, 16)
  await pauseShards(pool, paused)
  await owns(relay, 10)
  const written: Written[] = []
  for (let at = 0; at < 100; at++) {
    const message = { key: `key-${at}`, seq: 1 }
    await appendMessages(pool, [{ topic, key: message.key, payload: JSON.stringify(message) }])
    written.push(message)
  }
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int from outbox.message where not (hashtextextended(key, 0) & 15) = any ($1::int[])',
    [paused],
  )
  const others = rows[0]?.count ?? 0
  const done = 'select from outbox.shard where position_id = (select max(id) from outbox.message) and not paused'
  await vi.waitFor(async () => expect((await pool.query(done)).rowCount).toBe(10), waiting)
  const read = await readTopic(topic, (messages) => messages.length >= others)
  expect(read.filter(isOf(paused))).toEqual([])
  expect(read).toHaveLength(others)
  await resumeShards(pool, paused)
  await expectWholeAndInOrder(topic, written)
})

test('a relay that meets the pause at the move of the position drops the shards after that one window', async () => {
  await using database = await outboxDatabase()
  const { pool, topic } = database
  await using relay = startRelay({ databaseUrl: database.url, topic, env: { RELAY_LEASE_MS: '600000' } })
  await owns(relay, 16)
  await pauseShards(pool, paused)
  const written = Array.from({ length: 100 }, (_, at) => ({ key: `key-${at}`, seq: 1 }))
  await appendMessages(
    pool,
    written.map((message) => ({ topic, key: message.key, payload: JSON.stringify(message) })),
  )
  await owns(relay, 10)
  expect(relay.lines.filter((line) => line.includes('lost a shard'))).toHaveLength(paused.length)
  const { rows } = await pool.query<{ moved: number }>(
    'select count(*)::int as moved from outbox.shard where paused and position_id > 0',
  )
  expect(rows).toEqual([{ moved: 0 }])
})
