import { appendMessages } from '@outbox/outbox/append-messages'
import { expect, test } from 'vitest'
import { startRelay } from './relay-process.ts'
import { outboxDatabase } from './written-log.ts'

test('a log from the dump of another cluster ends the relay with 78 and the remedy, and nothing is published', async () => {
  await using database = await outboxDatabase()
  const { pool, topic } = database
  await appendMessages(pool, [{ topic, payload: 'not yet' }])
  // A dump brings rows with their values; the transaction that wrote them anew is another one.
  await pool.query(
    'create table dumped as table outbox.tick; truncate outbox.tick; insert into outbox.tick table dumped',
  )
  await using relay = startRelay({ databaseUrl: database.url, topic })
  expect(await relay.exited).toBe(78)
  expect(relay.lines.at(-1)).toContain('run \\"outbox adopt\\" once')
  expect((await pool.query('select from outbox.tick')).rowCount).toBe(1)
})
