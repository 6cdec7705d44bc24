import { expect, test } from 'vitest'
import { expectWholeAndInOrder } from './read-topic.ts'
import { startRelay } from './relay-process.ts'
import { outboxDatabase, writeLog } from './written-log.ts'

test('partitions go under full load, also where a relay is killed, and none before it is published', async () => {
  const partitionIds = 500
  await using database = await outboxDatabase({ partitionIds, aheadIds: 20_000 })
  const writing = writeLog(database.pool, { topic: database.topic, count: 12_000 })
  const options = { databaseUrl: database.url, topic: database.topic, env: { OUTBOX_RETENTION: '1ms' } }
  for (let kills = 0; kills < 2; kills += 1) {
    await using relay = startRelay(options)
    await relay.ready()
    await relay.end('SIGKILL')
  }
  await using _successor = startRelay(options)
  await expectWholeAndInOrder(database.topic, await writing)
  const kept = async () => (await database.pool.query('select id from outbox.message')).rows.length
  await expect.poll(kept, { timeout: 30_000 }).toBeLessThanOrEqual(partitionIds)
})
