import { expect, test, vi } from 'vitest'
import type { KafkaConnection } from '../src/connect-kafka.ts'
import type { OutgoingMessage } from '../src/produce-request.ts'
import { createPublisher, PublishError, type PublisherOptions } from '../src/publisher.ts'
import { admin, freshTopic, outgoing, testConnection, uniqueName } from './fresh-topic.ts'
import { startReader } from './read-topic.ts'

const connection = testConnection()

function openPublisher(options: PublisherOptions = {}, at: KafkaConnection = connection) {
  const publisher = createPublisher(at, options)
  return Object.assign(publisher, { [Symbol.asyncDispose]: () => publisher.close() })
}

/** Everything in a topic, as names by partition, once it holds `count` messages. */
async function namesIn(topic: string, count: number): Promise<string[][]> {
  await using reader = startReader(connection, { topic })
  await vi.waitFor(() => expect(reader.messages.length).toBeGreaterThanOrEqual(count), { timeout: 15_000 })
  return reader.names
}

test('what was published stands in its partitions, in order, to the byte', async () => {
  const topic = await freshTopic(connection, { partitions: 3 })
  await using publisher = openPublisher({ maxBatchMessages: 2 })
  const bytes = new Uint8Array([0, 255, 128, 10])
  const messages: OutgoingMessage[] = [
    ...[...'abcdefg'].map((name, index) => outgoing(topic, name, { partition: index % 2 })),
    { topic, partition: 2, key: bytes, value: bytes.subarray(1), headers: { name: 'ü', empty: '' } },
    { topic, partition: 2, key: null, value: Buffer.from('no key'), headers: {} },
    { topic, partition: 2, key: 'tombstone', value: null, headers: {} },
  ]
  const before = Date.now()
  expect(await publisher.publish(messages)).toBeUndefined()

  await using reader = startReader(connection, { topic })
  await vi.waitFor(() => expect(reader.messages).toHaveLength(10), { timeout: 15_000 })
  expect(reader.names.slice(0, 2)).toEqual([
    ['a', 'c', 'e', 'g'],
    ['b', 'd', 'f'],
  ])
  const [binary, keyless, tombstone] = reader.batches
    .filter(({ partition }) => partition === 2)
    .flatMap((b) => b.messages)
  expect(binary).toMatchObject({
    key: Buffer.from(bytes),
    value: Buffer.from([255, 128, 10]),
    headers: { name: 'ü', empty: '' },
  })
  expect(keyless).toMatchObject({ key: null, value: Buffer.from('no key'), headers: {} })
  expect(tombstone).toMatchObject({ key: Buffer.from('tombstone'), value: null })
  expect(tombstone?.timestamp).toBeGreaterThanOrEqual(before)
})

test('messages that are too large only together are confirmed in smaller batches, in order', async () => {
  const topic = await freshTopic(connection, { settings: { 'max.message.bytes': '20000' } })
  await using publisher = openPublisher()
  const names = [...'abcdefghij']
  expect(await publisher.publish(names.map((name) => outgoing(topic, name, { bytes: 3_000 })))).toBeUndefined()
  expect(await namesIn(topic, 10)).toEqual([names])
})

test('a message that is too large is refused by its index; all before it are confirmed, nothing of its key behind it is sent', async () => {
  const topic = await freshTopic(connection, { partitions: 2, settings: { 'max.message.bytes': '20000' } })
  await using publisher = openPublisher()
  const poison = outgoing(topic, 'poison', { bytes: 30_000 })
  const before = [...'abc'].map((name, index) => outgoing(topic, name, { partition: index % 2 }))
  const behind = [...'xy'].map((name) => outgoing(topic, name))
  const refusal = await publisher.publish([...before, poison, ...behind])
  expect(refusal).toMatchObject({ index: 3, code: 'MESSAGE_TOO_LARGE', reason: expect.stringContaining('larger') })

  expect(await publisher.publish(behind)).toBeUndefined()
  const [first, second] = await namesIn(topic, 5)
  expect(first).toEqual(['a', 'c', 'x', 'y'])
  expect(new Set(second)).toEqual(new Set(['b']))
})

test('what Kafka refuses is for the caller to log; kafkajs says it at debug only', async () => {
  const own = testConnection()
  const topic = await freshTopic(own, { settings: { 'max.message.bytes': '20000' } })
  await using publisher = openPublisher({}, own)
  const messages = [outgoing(topic, 'a'), outgoing(topic, 'poison', { bytes: 30_000 })]
  expect(await publisher.publish(messages)).toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
  const told = own.logged.filter(({ message, fields }) => /larger than/.test(`${message} ${fields.error}`))
  expect(new Set(told.map(({ level }) => level))).toEqual(new Set(['debug']))
  expect(own.logged.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
})

test('sends after one that was refused beside accepted ones are in the topic', async () => {
  const topic = await freshTopic(connection, { partitions: 2, settings: { 'max.message.bytes': '20000' } })
  await using publisher = openPublisher()
  for (let round = 0; round < 3; round += 1) {
    const good = outgoing(topic, `good ${round}`, { partition: 0 })
    const refusal = await publisher.publish([good, outgoing(topic, 'poison', { partition: 1, bytes: 30_000 })])
    expect(refusal?.index).toBe(1)
    expect(await publisher.publish([outgoing(topic, `next ${round}`, { partition: 0 })])).toBeUndefined()
  }
  const [names] = await namesIn(topic, 6)
  expect([...new Set(names)]).toEqual(['good 0', 'next 0', 'good 1', 'next 1', 'good 2', 'next 2'])
})

test('a message that cannot be encoded is refused, not sent again for ever', async () => {
  const topic = await freshTopic(connection)
  await using publisher = openPublisher()
  const broken = { ...outgoing(topic, 'broken'), headers: { tenant: null as unknown as string } }
  const refusal = await publisher.publish([outgoing(topic, 'a'), broken, outgoing(topic, 'b')])
  expect(refusal).toMatchObject({ index: 1, code: 'ERR_INVALID_ARG_TYPE' })
  expect(await namesIn(topic, 1)).toEqual([['a']])
})

test('a partition that does not exist is an error before anything is sent; once it exists the same messages go through', async () => {
  const topic = await freshTopic(connection, { partitions: 1 })
  await using publisher = openPublisher()
  await publisher.publish([outgoing(topic, 'first')])
  const messages = [outgoing(topic, 'a'), outgoing(topic, 'b', { partition: 1 })]
  const error = await publisher.publish(messages).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(PublishError)
  expect(error).toMatchObject({ kafkaCode: 'UNKNOWN_TOPIC_OR_PARTITION', unanswered: false, retriable: true, topic })

  await admin(connection, (to) => to.createPartitions({ topicPartitions: [{ topic, count: 2 }] }))
  // Alone: an attempt that meets the partition half-made would leave the other partition's message behind, once each time.
  await vi.waitFor(() => publisher.publish([outgoing(topic, 'probe', { partition: 1 })]), { timeout: 10_000 })
  expect(await publisher.publish(messages)).toBeUndefined()
  expect(await namesIn(topic, 4)).toEqual([
    ['first', 'a'],
    ['probe', 'b'],
  ])
})

test('a missing topic is an error that names it, until it is there', async () => {
  const topic = uniqueName()
  await using publisher = openPublisher()
  await expect(publisher.publish([outgoing(topic, 'a')])).rejects.toMatchObject({
    code: 'OUTBOX_PUBLISH_FAILED',
    kafkaCode: 'UNKNOWN_TOPIC_OR_PARTITION',
    unanswered: false,
    topic,
    message: expect.stringContaining(topic),
  })
  await admin(connection, (to) => to.createTopics({ topics: [{ topic, numPartitions: 1 }] }))
  await vi.waitFor(() => publisher.publish([outgoing(topic, 'a')]), { timeout: 10_000, interval: 100 })
})

test('a topic deleted meanwhile is an error; messages to others go on', async () => {
  const [gone, there] = [await freshTopic(connection), await freshTopic(connection)]
  await using publisher = openPublisher()
  await publisher.publish([outgoing(gone, 'a'), outgoing(there, 'a')])
  await admin(connection, (to) => to.deleteTopics({ topics: [gone] }))
  await vi.waitFor(() => expect(publisher.publish([outgoing(gone, 'b')])).rejects.toBeInstanceOf(PublishError), {
    timeout: 10_000,
  })
  expect(await publisher.publish([outgoing(there, 'b')])).toBeUndefined()
})

test('no broker is an error that comes soon and says that nothing was sent', async () => {
  const away = testConnection('127.0.0.1:1')
  await using publisher = openPublisher({}, away)
  await expect(publisher.connect()).rejects.toMatchObject({ kafkaCode: 'ECONNREFUSED', unanswered: false })
  await expect(publisher.publish([outgoing('any', 'a')])).rejects.toMatchObject({
    kafkaCode: 'ECONNREFUSED',
    unanswered: false,
  })
  expect(away.logged).toContainEqual(
    expect.objectContaining({ level: 'warn', message: expect.stringContaining('ECONNREFUSED') }),
  )
})

test('one broker of two that is dead does not stop it', async () => {
  const topic = await freshTopic(connection)
  await using publisher = openPublisher({}, testConnection(`127.0.0.1:1,${connection.brokers[0]}`))
  expect(await publisher.publish([outgoing(topic, 'a')])).toBeUndefined()
})

test('a second publish under way is refused', async () => {
  const topic = await freshTopic(connection)
  await using publisher = openPublisher()
  const first = publisher.publish([outgoing(topic, 'a')])
  await expect(publisher.publish([outgoing(topic, 'b')])).rejects.toThrow('before')
  expect(await first).toBeUndefined()
})
