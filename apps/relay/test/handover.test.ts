import type { Publisher } from '@outbox/kafka/publisher'
import { appendMessages } from '@outbox/outbox/append-messages'
import { claimShards } from '@outbox/outbox/claim-shards'
import { makeTick } from '@outbox/outbox/make-tick'
import { makeRelayName } from '@outbox/outbox/relay-name'
import { releaseShards } from '@outbox/outbox/release-shards'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { relayInTest } from './relay-in-test.ts'
import { outboxDatabase } from './written-log.ts'

test('a relay that takes over in the midst of a tick that it was through with publishes the rest of it', async () => {
  await using database = await outboxDatabase()
  const { pool, topic } = database
  const sent: string[] = []
  const publisher: Publisher = {
    connect: async () => {},
    publish: async (messages) => {
      sent.push(...messages.map(({ value }) => String(value)))
      return undefined
    },
    close: async () => {},
  }
  await makeTick(pool, { topicPartitions: new Map([[topic, 6]]) })
  await append(pool, { topic, from: 0, to: 1_000 })
  await using relay = await relayInTest(pool, { publisher, allowed: [topic], leaseMs: 3_000 })
  await expect.poll(async () => (await relay.window()) && sent.length).toBe(10)

  // Another one takes a half of the shards, and leaves before it has sent anything; meanwhile this one makes the next tick.
  const other = makeRelayName('another-relay')
  const claim = () => claimShards(pool, { relay: other, leaseMs: 600_000 })
  const shareOut = async () => {
    await relay.window()
    return (await claim()).owned.length
  }
  await expect.poll(shareOut, { timeout: 20_000 }).toBe(8)
  while (await relay.window()) {}
  const half = sent.length
  expect(half).toBeLessThan(1_000)
  await append(pool, { topic, from: 1_000, to: 1_040 })
  while (await relay.window()) {}
  expect(sent.length).toBeGreaterThan(half)
  const { owned } = await claim()
  await releaseShards(pool, { relay: other, shards: owned.map(({ shard }) => shard), leaving: true })

  await expect.poll(async () => (await relay.window()) || sent.length, { timeout: 20_000 }).toBe(1_040)
  expect(sent.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1_040 }, (_, number) => number))
})

/** Each message has a key of its own, so that all shards have some. */
function append(pool: pg.Pool, { topic, from, to }: { topic: string; from: number; to: number }) {
  const numbers = Array.from({ length: to - from }, (_, index) => `${from + index}`)
  const messages = numbers.map((number) => ({ topic, key: number, payload: number }))
  return appendMessages(pool as unknown as pg.PoolClient, messages)
}
