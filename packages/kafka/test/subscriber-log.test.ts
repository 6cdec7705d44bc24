import { expect, test, vi } from 'vitest'
import { kafkaClient } from '../src/kafka-client.ts'
import { admin, freshTopic, publishNames, testConnection, uniqueName } from './fresh-topic.ts'
import { keep, startReader } from './read-topic.ts'

const connection = testConnection()
const soon = { timeout: 20_000, interval: 20 }

test('markers of a foreign transaction are no gap', async () => {
  const topic = await freshTopic(connection)
  const producer = kafkaClient(connection, { retries: 5 }).producer({
    transactionalId: uniqueName(),
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  await using reader = startReader(connection, { topic })
  for (const end of ['commit', 'abort', 'commit'] as const) {
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value: end, headers: { name: end } }] })
    await transaction[end]()
  }
  await producer.disconnect()
  await vi.waitFor(() => expect(reader.names).toEqual([['commit', 'commit']]), soon)
  await publishNames(connection, topic, 'a')
  await vi.waitFor(() => expect(reader.names).toEqual([['commit', 'commit', 'a']]), soon)
  for (const batch of reader.batches) expect(batch.fetchedOffset).toBe(batch.soughtOffset)
})

test('records that were deleted before they were read are noticed', async () => {
  const topic = await freshTopic(connection)
  await publishNames(connection, topic, 'abcdef')
  await deleteRecords(topic, '4')
  await using reader = startReader(connection, { topic, kept: new Map([[0, 1n]]) })
  await vi.waitFor(() => expect(reader.batches).toHaveLength(1), soon)
  expect(reader.batches[0]).toMatchObject({ soughtOffset: 1n, fetchedOffset: 4n, logStart: 4n, logEnd: 6n })
})

test('records that are deleted while a member reads are noticed', async () => {
  const topic = await freshTopic(connection)
  await publishNames(connection, topic, 'ab')
  let held = false
  await using reader = startReader(connection, {
    topic,
    onBatch: async (batch) => {
      if (held) throw new Error('not now')
      return keep(reader, batch)
    },
  })
  await vi.waitFor(() => expect(reader.names).toEqual([['a', 'b']]), soon)
  held = true
  await publishNames(connection, topic, 'cdef')
  await deleteRecords(topic, '5')
  held = false
  await vi.waitFor(
    () => expect(reader.batches.at(-1)).toMatchObject({ soughtOffset: 2n, fetchedOffset: 5n, logStart: 5n }),
    soon,
  )
})

test('a topic that was made anew is noticed by its end', async () => {
  const topic = await freshTopic(connection)
  await publishNames(connection, topic, 'ab')
  await using reader = startReader(connection, { topic, kept: new Map([[0, 1_000n]]) })
  await vi.waitFor(() => expect(reader.batches).toHaveLength(1), soon)
  expect(reader.batches[0]).toMatchObject({ soughtOffset: 1_000n, fetchedOffset: 0n, logEnd: 2n })
})

async function deleteRecords(topic: string, before: string): Promise<void> {
  await admin(connection, async (to) => {
    await to.fetchTopicOffsets(topic)
    await to.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: before }] })
  })
}
