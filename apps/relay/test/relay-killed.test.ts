import { expect, test, vi } from 'vitest'
import { expectWholeAndInOrder } from './read-topic.ts'
import { startRelay } from './relay-process.ts'
import { outboxDatabase, writeLog } from './written-log.ts'

const pausing = new URL('./pause-at-gap.ts', import.meta.url).href

test.for(['before publishing', 'between publishing and moving the position'])(
  'a relay killed %s: nothing is lost, the order holds',
  async (gap) => {
    await using database = await outboxDatabase()
    const written = await writeLog(database.pool, { topic: database.topic, count: 2_000 })
    for (const window of [1, 2]) {
      const env = { PAUSE_AT: gap, PAUSE_IN_WINDOW: String(window), RELAY_WINDOW_IDS: '250' }
      await using relay = startRelay({ databaseUrl: database.url, topic: database.topic, env, imports: [pausing] })
      await vi.waitFor(() => expect(relay.lines).toContain('paused at the gap'), { timeout: 60_000, interval: 20 })
      await relay.end('SIGKILL')
    }
    await using _successor = startRelay({ databaseUrl: database.url, topic: database.topic })
    const read = await expectWholeAndInOrder(database.topic, written)
    if (gap.startsWith('between')) expect(read.length).toBeGreaterThan(written.length)
  },
)

test('a relay killed again and again under load: nothing is lost, the order holds', async () => {
  await using database = await outboxDatabase()
  const writing = writeLog(database.pool, { topic: database.topic, count: 12_000 })
  for (let kills = 0; kills < 4; kills += 1) {
    await using relay = startRelay({
      databaseUrl: database.url,
      topic: database.topic,
      env: { RELAY_WINDOW_IDS: '500' },
    })
    await relay.ready()
    await relay.end('SIGKILL')
  }
  await using _successor = startRelay({ databaseUrl: database.url, topic: database.topic })
  await expectWholeAndInOrder(database.topic, await writing)
})
