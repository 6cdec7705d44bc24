import { requeueDeadLetters } from '@outbox/outbox/requeue-dead-letters'
import type pg from 'pg'
import { expect, test, vi } from 'vitest'
import { expectWholeAndInOrder, firstAppearances, readTopic } from './read-topic.ts'
import { startRelay } from './relay-process.ts'
import { configureTopic, createTopic } from './topic-admin.ts'
import { outboxDatabase, type Written, writeLog } from './written-log.ts'

const smallTopic = { 'max.message.bytes': '20000' }
const quickRetries = { RELAY_RETRY_FIRST_MS: '50', RELAY_RETRY_MAX_MS: '100' }
const holdKey = { ...quickRetries, RELAY_POISON_POLICY: 'hold-key', RELAY_MAX_ATTEMPTS: '2' }

/** Too large: every eighth message of four of the 28 keys. */
const padding = ({ key, seq }: Written) => (key.endsWith('-0') && seq % 8 === 3 ? 30_000 : 0)

const patience = { timeout: 50_000, interval: 50 }

test('a refused message is tried again by itself, as a new row that keeps its first id', async () => {
  await using database = await outboxDatabase()
  const { topic, pool } = database
  await createTopic(topic, 6, smallTopic)
  const env = { ...quickRetries, RELAY_MAX_ATTEMPTS: '1000' }
  await using relay = startRelay({ databaseUrl: database.url, topic, env })
  await relay.ready()
  const written = await writeLog(pool, { topic, count: 100, padding })
  await vi.waitFor(async () => expect((await parked(pool)).some(({ attempts }) => attempts > 2)).toBe(true), patience)
  const first = await originals(pool)
  await configureTopic(topic, {})
  const read = await readTopic(topic, (messages) => firstAppearances(messages).length >= written.length)
  const again = read.filter(({ headers }) => headers['outbox-original-id'] !== undefined)
  expect(new Set(again.map(({ headers }) => headers['outbox-original-id']))).toEqual(new Set(first))
  await vi.waitFor(async () => expect(await parked(pool)).toEqual([]), patience)
  expect(relay.lines.join('\n')).toContain('it is sent again later')
})

test('hold-key: what comes later with the key of a refused message waits, and comes in order when that was requeued', async () => {
  await using database = await outboxDatabase()
  const { topic, pool } = database
  await createTopic(topic, 6, smallTopic)
  await using relay = startRelay({ databaseUrl: database.url, topic, env: holdKey })
  await relay.ready()
  const written = await writeLog(pool, { topic, count: 400, padding })
  const held = written.filter(({ key, seq }) => key.endsWith('-0') && seq >= 3)
  await vi.waitFor(async () => {
    const letters = await parked(pool)
    expect(letters).toHaveLength(held.length)
    expect(letters.filter(({ operator }) => operator)).toHaveLength(4)
  }, patience)
  const free = written.length - held.length
  const sent = await readTopic(topic, (messages) => firstAppearances(messages).length >= free)
  expect(firstAppearances(sent)).toHaveLength(free)
  expect(relay.lines.join('\n')).toContain('it waits for an operator')

  await configureTopic(topic, {})
  await requeueDeadLetters(pool, {})
  await expectWholeAndInOrder(topic, written)
  await vi.waitFor(async () => expect(await parked(pool)).toEqual([]), patience)
})

test('hold-key: relays that are killed and take over from each other keep the order, too', async () => {
  await using database = await outboxDatabase()
  const { topic, pool } = database
  await createTopic(topic, 6, smallTopic)
  const env = { ...holdKey, RELAY_WINDOW_IDS: '100', RELAY_LEASE_MS: '2000', RELAY_SEND_TIMEOUT_MS: '1500' }
  const relay = (instance: string) => startRelay({ databaseUrl: database.url, topic, env, instance })
  const writing = writeLog(pool, { topic, count: 800, padding })
  for (let kills = 0; kills < 3; kills += 1) {
    await using one = relay('relay-1')
    await using other = relay('relay-2')
    await Promise.all([one.ready(), other.ready()])
    await (kills % 2 ? one : other).end('SIGKILL')
  }
  const written = await writing
  await using _last = relay('relay-3')
  await vi.waitFor(async () => expect((await parked(pool)).length).toBeGreaterThan(0), patience)
  await configureTopic(topic, {})
  // What may be in the topic already would come twice: whoever requeues it decides so. Here, nothing refused was taken.
  const requeueing = setInterval(() => void requeueDeadLetters(pool, {}).catch(() => {}), 300)
  try {
    await expectWholeAndInOrder(topic, written)
    await vi.waitFor(async () => expect(await parked(pool)).toEqual([]), patience)
  } finally {
    clearInterval(requeueing)
  }
})

type Letter = { id: string; key: string; attempts: number; operator: boolean; message_id: string }

async function parked(pool: pg.Pool): Promise<Letter[]> {
  const text = `select id, key, attempts, next_attempt_at is null as operator, message_id from outbox.dead_letter order by id`
  return (await pool.query<Letter>(text)).rows
}

async function originals(pool: pg.Pool): Promise<string[]> {
  const text = `select message_id from outbox.message where octet_length(payload) > 20000
    and headers ->> 'outbox-original-id' is null`
  return (await pool.query<{ message_id: string }>(text)).rows.map(({ message_id }) => message_id)
}
