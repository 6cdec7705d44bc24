import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { groupLag } from '../src/group-lag.ts'
import { createPublisher } from '../src/publisher.ts'
import { admin, freshTopic, outgoing, publishNames, testConnection, uniqueName } from './fresh-topic.ts'
import { keep, type Reader, startReader } from './read-topic.ts'

const connection = testConnection()
const soon = { timeout: 20_000, interval: 20 }

/** Publishes `name 0`, `name 1`, … to each partition in turn until disposed of. */
function startLoad(topic: string, partitions: number) {
  const publisher = createPublisher(connection)
  const sent: string[][] = Array.from({ length: partitions }, () => [])
  let stopped = false
  const load = (async () => {
    for (let n = 0; !stopped; n += 1) {
      const messages = sent.map((_, partition) => outgoing(topic, String(n), { partition }))
      // A partition that was just added may have no leader yet.
      await vi.waitFor(() => publisher.publish(messages), { timeout: 10_000 })
      for (const names of sent) names.push(String(n))
      await sleep(2)
    }
  })()
  const stop = async () => {
    stopped = true
    await load
    await publisher.close()
  }
  return { sent, stop, [Symbol.asyncDispose]: stop }
}

/** The distinct names of a partition in the order of their first arrival at any of these members. */
function firstAppearances(members: readonly Reader[], partition: number): string[] {
  const arrivals = members.flatMap(({ batches }) => batches).filter((batch) => batch.partition === partition)
  const messages = arrivals.flatMap((batch) => batch.messages).sort((a, b) => Number(a.offset - b.offset))
  return [...new Set(messages.map(({ headers }) => headers.name ?? ''))]
}

test('members share the partitions, and take over from where the others were', async () => {
  const topic = await freshTopic(connection, { partitions: 4 })
  const group = uniqueName()
  const kept = new Map<number, bigint>()
  await using load = startLoad(topic, 4)
  await using first = startReader(connection, { topic, group, kept })
  await vi.waitFor(() => expect(first.assigned).toEqual([0, 1, 2, 3]), soon)
  await using second = startReader(connection, { topic, group, kept })
  await vi.waitFor(() => {
    expect([...first.assigned, ...second.assigned].sort()).toEqual([0, 1, 2, 3])
    expect(second.assigned).toHaveLength(2)
  }, soon)
  const count = second.messages.length
  await vi.waitFor(() => expect(second.messages.length).toBeGreaterThan(count + 10), soon)
  await first.stop()
  await vi.waitFor(() => expect(second.assigned).toEqual([0, 1, 2, 3]), soon)
  await load.stop()
  for (const [partition, sent] of load.sent.entries()) {
    await vi.waitFor(() => expect(kept.get(partition)).toBe(BigInt(sent.length)), soon)
    expect(firstAppearances([first, second], partition)).toEqual(sent)
  }
})

test('a batch in work when its partition goes to another member is told, and its result does not count', async () => {
  const topic = await freshTopic(connection)
  const group = uniqueName()
  await publishNames(connection, topic, 'a')
  const inWork = Promise.withResolvers<void>()
  let aborted = false
  const stuck = startReader(connection, {
    topic,
    group,
    bounds: { rebalanceTimeoutMs: 1_000 },
    onBatch: async (batch) => {
      inWork.resolve()
      await sleep(20_000, undefined, { signal: batch.signal }).catch(() => {})
      aborted = batch.signal.aborted
      return { nextOffset: 1n }
    },
  })
  await inWork.promise
  await using other = startReader(connection, { topic, group, bounds: { rebalanceTimeoutMs: 1_000 } })
  await vi.waitFor(() => expect(aborted).toBe(true), soon)
  await stuck.stop()
  await vi.waitFor(() => expect(other.names).toEqual([['a']]), soon)
})

test('partitions that are added under load are read from their first message', async () => {
  const topic = await freshTopic(connection, { partitions: 1 })
  await using reader = startReader(connection, { topic })
  await vi.waitFor(() => expect(reader.assigned).toEqual([0]), soon)
  await admin(connection, (to) => to.createPartitions({ topicPartitions: [{ topic, count: 3 }] }))
  const load = startLoad(topic, 3)
  await vi.waitFor(() => expect(reader.assigned).toEqual([0, 1, 2]), soon)
  await load.stop()
  const read = () => load.sent.map((_, partition) => firstAppearances([reader], partition))
  await vi.waitFor(() => expect(read()).toEqual(load.sent), soon)
  expect(load.sent[2]?.length).toBeGreaterThan(0)
})

test('stopping finishes the batch in hand, commits it and leaves the group at once', async () => {
  const topic = await freshTopic(connection)
  const group = uniqueName()
  await publishNames(connection, topic, 'a')
  const begun = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  await using reader = startReader(connection, {
    topic,
    group,
    onBatch: async (batch) => {
      begun.resolve()
      await finish.promise
      expect(batch.signal.aborted).toBe(false)
      return keep(reader, batch)
    },
  })
  await begun.promise
  const stopped = reader.stop()
  await sleep(50)
  finish.resolve()
  await stopped
  expect(reader.names).toEqual([['a']])
  expect(await groupLag(connection, { group, topics: [topic] })).toMatchObject([{ committed: 1n, lag: 0n }])
  const { groups } = await admin(connection, (to) => to.describeGroups([group]))
  expect(groups[0]?.members).toEqual([])
})

test('a batch that does not finish in time is aborted when stopping', async () => {
  const topic = await freshTopic(connection)
  await publishNames(connection, topic, 'a')
  const begun = Promise.withResolvers<void>()
  await using reader = startReader(connection, {
    topic,
    bounds: { stopGraceMs: 100 },
    onBatch: async (batch) => {
      begun.resolve()
      await sleep(60_000, undefined, { signal: batch.signal })
      return { nextOffset: 1n }
    },
  })
  await begun.promise
  await reader.stop()
  expect(reader.kept.get(0)).toBeUndefined()
})

test('a topic that is not there yet is waited for', async () => {
  const topic = uniqueName()
  await using reader = startReader(connection, { topic })
  await vi.waitFor(
    () => expect(connection.logged.some(({ message }) => message.includes('joined again'))).toBe(true),
    soon,
  )
  await admin(connection, (to) => to.createTopics({ topics: [{ topic, numPartitions: 1 }] }))
  await vi.waitFor(() => expect(reader.assigned).toEqual([0]), soon)
})

test('what waiting does not cure is an error that says so', async () => {
  const topic = await freshTopic(connection)
  const reader = startReader(connection, { topic, bounds: { sessionTimeoutMs: 1_000 } })
  await expect(reader.ended).rejects.toMatchObject({
    code: 'OUTBOX_SUBSCRIBER_FAILED',
    message: expect.stringContaining('INVALID_SESSION_TIMEOUT'),
  })
})
