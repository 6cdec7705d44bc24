import { expect, test, vi } from 'vitest'
import { groupLag } from '../src/group-lag.ts'
import { kafkaClient } from '../src/kafka-client.ts'
import { freshTopic, publishNames, testConnection, uniqueName } from './fresh-topic.ts'
import { keep, startReader } from './read-topic.ts'

const connection = testConnection()
const soon = { timeout: 20_000, interval: 20 }

test('a partition without a kept offset is read from its beginning, and the rest as it comes', async () => {
  const topic = await freshTopic(connection)
  await publishNames(connection, topic, 'abc')
  await using reader = startReader(connection, { topic })
  await vi.waitFor(() => expect(reader.names).toEqual([['a', 'b', 'c']]), soon)
  await publishNames(connection, topic, 'de')
  await vi.waitFor(() => expect(reader.names).toEqual([['a', 'b', 'c', 'd', 'e']]), soon)
  expect(reader.batches[0]).toMatchObject({
    topic,
    partition: 0,
    fetchedOffset: 0n,
    soughtOffset: 0n,
    logStart: 0n,
    logEnd: 3n,
  })
  expect(reader.batches.at(-1)).toMatchObject({ fetchedOffset: 3n, logEnd: 5n })
})

test('an offset that Kafka holds for the group and that is ahead of the kept one is not gone by', async () => {
  const topic = await freshTopic(connection)
  const group = uniqueName()
  await publishNames(connection, topic, 'abcdef')
  const before = startReader(connection, { topic, group })
  await vi.waitFor(() => expect(before.kept.get(0)).toBe(6n), soon)
  await before.stop()
  expect(await groupLag(connection, { group, topics: [topic] })).toMatchObject([{ committed: 6n }])

  await using reader = startReader(connection, { topic, group, kept: new Map([[0, 2n]]) })
  await vi.waitFor(() => expect(reader.names).toEqual([['c', 'd', 'e', 'f']]), soon)
})

test('a nextOffset within the batch has the rest delivered again', async () => {
  const topic = await freshTopic(connection)
  await publishNames(connection, topic, 'abcd')
  const seen: string[] = []
  await using reader = startReader(connection, {
    topic,
    onBatch: async (batch) => {
      seen.push(batch.messages.map(({ headers }) => headers.name).join(''))
      return { nextOffset: batch.fetchedOffset + (batch.messages.length > 2 ? 2n : BigInt(batch.messages.length)) }
    },
  })
  await vi.waitFor(() => expect(seen).toEqual(['abcd', 'cd']), soon)
  await publishNames(connection, topic, 'e')
  await vi.waitFor(() => expect(seen).toEqual(['abcd', 'cd', 'e']), soon)
  expect(reader.assigned).toEqual([0])
})

test('messages of foreign producers are put into our terms', async () => {
  const topic = await freshTopic(connection)
  const producer = kafkaClient(connection, { retries: 1 }).producer()
  await producer.connect()
  await producer.send({
    topic,
    messages: [
      { value: null },
      { key: Buffer.from([255]), value: 'x', headers: { twice: ['1', '2'], bytes: Buffer.from('ü'), empty: '' } },
    ],
  })
  await producer.disconnect()
  await using reader = startReader(connection, { topic })
  await vi.waitFor(() => expect(reader.messages).toHaveLength(2), soon)
  expect(reader.messages).toEqual([
    { offset: 0n, key: null, value: null, headers: {}, timestamp: expect.any(Number) },
    {
      offset: 1n,
      key: Buffer.from([255]),
      value: Buffer.from('x'),
      headers: { twice: '2', bytes: 'ü', empty: '' },
      timestamp: expect.any(Number),
    },
  ])
})

test('headers with the names of what every object inherits add nothing to the others', async () => {
  const topic = await freshTopic(connection)
  const producer = kafkaClient(connection, { retries: 1 }).producer()
  await producer.connect()
  await producer.send({
    topic,
    messages: [{ value: 'x', headers: { ['__proto__']: 'p', constructor: 'c', name: 'n' } }],
  })
  await producer.disconnect()
  await using reader = startReader(connection, { topic })
  await vi.waitFor(() => expect(reader.messages).toHaveLength(1), soon)
  expect(reader.messages[0]?.headers).toEqual({ constructor: 'c', name: 'n' })
})

test('a batch that fails is tried again; the other partitions go on', async () => {
  const topic = await freshTopic(connection, { partitions: 2 })
  let failures = 0
  await using reader = startReader(connection, {
    topic,
    onBatch: async (batch) => {
      if (batch.partition === 0 && failures++ < 3) throw new Error('not now')
      return keep(reader, batch)
    },
  })
  await publishNames(connection, topic, 'ab', 0)
  await publishNames(connection, topic, 'xy', 1)
  await vi.waitFor(
    () =>
      expect(reader.names).toEqual([
        ['a', 'b'],
        ['x', 'y'],
      ]),
    soon,
  )
  expect(failures).toBe(4)
})

test('a partition that must not go on stands still and is reported; the others go on', async () => {
  const topic = await freshTopic(connection, { partitions: 2 })
  const stopped: unknown[] = []
  let attempts = 0
  await using reader = startReader(connection, {
    topic,
    onStopped: (stop) => stopped.push(stop),
    onBatch: async (batch) => {
      if (batch.partition === 1) return keep(reader, batch)
      attempts += 1
      throw Object.assign(new Error('log cut'), { stopsPartition: true })
    },
  })
  await publishNames(connection, topic, 'a', 0)
  await publishNames(connection, topic, 'x', 1)
  await vi.waitFor(
    () => expect(stopped).toEqual([{ topic, partition: 0, error: expect.objectContaining({ message: 'log cut' }) }]),
    soon,
  )
  await publishNames(connection, topic, 'b', 0)
  await publishNames(connection, topic, 'y', 1)
  await vi.waitFor(() => expect(reader.names[1]).toEqual(['x', 'y']), soon)
  expect(attempts).toBe(1)
})

test('Kafka is told how far the group has come', async () => {
  const topic = await freshTopic(connection, { partitions: 2 })
  const group = uniqueName()
  await publishNames(connection, topic, 'abc', 0)
  await publishNames(connection, topic, 'x', 1)
  const query = { group, topics: [topic] }
  expect((await groupLag(connection, query)).map(({ committed, lag }) => [committed, lag])).toEqual([
    [undefined, 3n],
    [undefined, 1n],
  ])
  await using reader = startReader(connection, { topic, group })
  await vi.waitFor(async () => {
    const lags = await groupLag(connection, query)
    expect(lags.map(({ committed, lag }) => [committed, lag])).toEqual([
      [3n, 0n],
      [1n, 0n],
    ])
  }, soon)
  expect(reader.messages).toHaveLength(4)
})
