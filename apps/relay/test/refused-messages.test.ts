import { appendMessages } from '@outbox/outbox/append-messages'
import { expect, test, vi } from 'vitest'
import { readTopic } from './read-topic.ts'
import { startRelay } from './relay-process.ts'
import { outboxDatabase } from './written-log.ts'

test('messages that are refused are parked; those before and behind them flow', async () => {
  await using database = await outboxDatabase()
  const { topic, pool } = database
  const client = await pool.connect()
  const message = (name: string) => ({ topic, key: 'one key', payload: JSON.stringify(name) })
  const ids = await appendMessages(client, [
    message('first'),
    { ...message('too large'), payload: Buffer.alloc(2_000_000, 'x') },
    message('second'),
    { ...message('elsewhere'), topic: 'not-allowed' },
    message('third'),
  ])
  client.release()
  await using relay = startRelay({ databaseUrl: database.url, topic, env: { RELAY_MAX_ATTEMPTS: '1' } })
  const read = await readTopic(topic, (messages) => messages.some(({ value }) => String(value) === '"third"'))
  expect(read.map(({ value }) => String(value))).toEqual(['"first"', '"second"', '"third"'])
  const parked = await vi.waitFor(async () => {
    const { rows } = await pool.query(
      'select message_id, topic, key, code, length(payload) from outbox.dead_letter order by id',
    )
    expect(rows).toHaveLength(2)
    return rows
  })
  expect(parked).toMatchObject([
    { message_id: ids[1], topic, key: 'one key', code: 'MESSAGE_TOO_LARGE', length: 2_000_000 },
    { message_id: ids[3], topic: 'not-allowed', code: 'TOPIC_NOT_ALLOWED' },
  ])
  expect(relay.lines.filter((line) => line.includes('a message was refused'))).toHaveLength(2)
})

test('a refused message that an earlier relay may have sent is parked as ambiguous', async () => {
  await using database = await outboxDatabase()
  const { topic, pool } = database
  const client = await pool.connect()
  const tooLarge = { topic, payload: Buffer.alloc(2_000_000, 'x') }
  await appendMessages(client, [{ ...tooLarge, key: 'before' }])
  const paused = new URL('./pause-at-gap.ts', import.meta.url).href
  const env = { PAUSE_AT: 'before publishing', PAUSE_IN_WINDOW: '1' }
  await using first = startRelay({ databaseUrl: database.url, topic, env, imports: [paused] })
  await vi.waitFor(() => expect(first.lines).toContain('paused at the gap'), { timeout: 60_000, interval: 20 })
  await first.end('SIGKILL')
  await using successor = startRelay({ databaseUrl: database.url, topic })
  await successor.ready()
  const ambiguous = async () =>
    (await pool.query('select key, ambiguous from outbox.dead_letter order by id')).rows.map((row) => [
      row.key,
      row.ambiguous,
    ])
  await vi.waitFor(async () => expect(await ambiguous()).toEqual([['before', true]]), { timeout: 30_000 })
  await appendMessages(client, [{ ...tooLarge, key: 'after' }])
  client.release()
  await vi.waitFor(async () => expect((await ambiguous())[1]).toEqual(['after', false]), { timeout: 30_000 })
})
