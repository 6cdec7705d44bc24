import { expect, test } from 'vitest'
import { countPartitions } from '../src/count-partitions.ts'
import { ensureTopic } from '../src/ensure-topic.ts'
import { admin, freshTopic, testConnection, uniqueName } from './fresh-topic.ts'

const connection = testConnection()

test('a missing topic is made, once, by whoever comes first', async () => {
  const topic = uniqueName()
  const made = await Promise.all([1, 2, 3].map(() => ensureTopic(connection, { topic, partitions: 3, create: true })))
  expect(made.map(({ partitions }) => partitions)).toEqual([3, 3, 3])
  expect(made.filter(({ created }) => created)).toHaveLength(1)
})

test('a topic that exists keeps its partitions', async () => {
  const topic = await freshTopic(connection, { partitions: 4 })
  expect(await ensureTopic(connection, { topic, partitions: 6, create: true })).toEqual({
    partitions: 4,
    created: false,
  })
})

test('a missing topic that may not be made is named, and may be waited for', async () => {
  const topic = uniqueName()
  await expect(ensureTopic(connection, { topic, partitions: 6, create: false })).rejects.toMatchObject({
    code: 'OUTBOX_TOPIC_MISSING',
    retriable: true,
    topic,
  })
})

test.each(['compact', 'compact,delete'])('a topic with cleanup.policy=%s is refused for good', async (policy) => {
  const topic = await freshTopic(connection, { settings: { 'cleanup.policy': policy } })
  await expect(ensureTopic(connection, { topic, partitions: 1, create: true })).rejects.toMatchObject({
    code: 'OUTBOX_TOPIC_COMPACTED',
    retriable: false,
    message: expect.stringContaining('compact'),
  })
})

test('partitions are counted as they are now; a missing topic is absent', async () => {
  const topic = await freshTopic(connection, { partitions: 2 })
  expect(await countPartitions(connection, [topic, uniqueName()])).toEqual(new Map([[topic, 2]]))
  await admin(connection, (to) => to.createPartitions({ topicPartitions: [{ topic, count: 5 }] }))
  expect(await countPartitions(connection, [topic])).toEqual(new Map([[topic, 5]]))
})
