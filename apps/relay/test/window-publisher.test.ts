import { setTimeout as sleep } from 'node:timers/promises'
import type { OutgoingMessage, Publisher } from '@outbox/kafka/publisher'
import { appendMessages } from '@outbox/outbox/append-messages'
import { claimShards } from '@outbox/outbox/claim-shards'
import { makeTick } from '@outbox/outbox/make-tick'
import { readShards } from '@outbox/outbox/read-shards'
import { makeRelayName } from '@outbox/outbox/relay-name'
import type pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'
import { relayInTest } from './relay-in-test.ts'
import { outboxDatabase } from './written-log.ts'

afterEach(() => vi.restoreAllMocks())

test('what several ticks hold goes out at once, in the order of its places', async () => {
  await using log = await filledLog(0)
  const late = await log.pool.connect()
  await late.query('begin')
  await log.append(late, ['late'])
  for (const name of ['first', 'second', 'third']) {
    await log.append(log.pool, [name])
    if (name === 'second') await late.query('commit')
    await makeTick(log.pool)
  }
  late.release()
  await expect.poll(() => log.relay.window()).toBe(true)
  expect(log.sent.map(namesOf)).toEqual([['first', 'late', 'second', 'third']])
  expect(new Set(log.sent[0]?.map(tickOf)).size).toBe(3)
})

test('the next window is sent while the positions still move past this one, but no third one', async () => {
  await using log = await filledLog(30)
  const moves = holdMoves(log.pool)
  await expect.poll(() => log.relay.window()).toBe(true)
  const second = log.relay.window()
  await expect.poll(() => log.sent.length).toBe(2)
  expect(await log.positions()).toEqual([0n])
  moves.resolve()
  expect(await second).toBe(true)
  await log.relay.settle()
  expect(await log.positions()).toEqual([20n])
  expect(log.sent).toHaveLength(2)
})

test('where the positions did not move, both windows are sent again, to the same places', async () => {
  await using log = await filledLog(30)
  const moves = holdMoves(log.pool)
  await expect.poll(() => log.relay.window()).toBe(true)
  const second = log.relay.window()
  await expect.poll(() => log.sent.length).toBe(2)
  moves.reject(new Error('the connection was lost'))
  await expect(second).rejects.toThrow('the connection was lost')
  vi.restoreAllMocks()
  const [first, next] = log.sent.splice(0)
  while (log.sent.length < 3) await log.relay.window()
  await log.relay.settle()
  expect(log.sent.slice(0, 2).map(placesOf)).toEqual([first, next].map(placesOf))
  expect(await log.positions()).toEqual([30n])
})

test('positions that need not move yet move once for all windows since', async () => {
  await using log = await filledLog(30, { moveEveryMs: 600_000 })
  const moves = vi.spyOn(log.pool, 'query')
  while (log.sent.length < 3) await log.relay.window()
  expect(await log.relay.window()).toBe(false)
  expect(await log.positions()).toEqual([0n])
  await log.relay.settle()
  expect(await log.positions()).toEqual([30n])
  expect(moves.mock.calls.filter(([query]) => isMove(query))).toHaveLength(1)
})

test('a move that ends when more was sent meanwhile lets nothing be sent again', async () => {
  await using log = await filledLog(30, { moveEveryMs: 1 })
  while (log.sent.length < 3) {
    await log.relay.window()
    await sleep(1)
  }
  await expect.poll(async () => [await log.relay.window(), await log.positions()]).toEqual([false, [30n]])
  expect(log.sent.flatMap(namesOf)).toEqual(Array.from({ length: 30 }, (_, number) => `${number}`))
})

test('a relay that dies before its positions moved is followed by one that sends the same places again', async () => {
  await using log = await filledLog(30, { moveEveryMs: 600_000 })
  while (log.sent.length < 3) await log.relay.window()
  const before = log.sent.splice(0).map(placesOf)
  await using successor = await log.startRelay()
  while (log.sent.length < 3) await successor.window()
  expect(log.sent.map(placesOf)).toEqual(before)
})

test('shards that go to another relay stand behind all that was sent', async () => {
  await using log = await filledLog(30, { moveEveryMs: 600_000, leaseMs: 3_000 })
  while (log.sent.length < 3) await log.relay.window()
  const other = makeRelayName('another-relay')
  const claim = async () => {
    await log.relay.window()
    return (await claimShards(log.pool, { relay: other, leaseMs: 600_000 })).owned
  }
  await expect.poll(claim, { timeout: 20_000 }).toHaveLength(8)
  expect(new Set((await claim()).map(({ position }) => position.id))).toEqual(new Set([30n]))
})

/** An outbox with messages, and a relay that knows its topic, which takes everything, and sends ten at once. */
async function filledLog(messages: number, pace: { moveEveryMs?: number; leaseMs?: number } = {}) {
  const database = await outboxDatabase()
  const { pool, topic } = database
  const sent: (readonly OutgoingMessage[])[] = []
  const publisher: Publisher = {
    connect: async () => {},
    publish: async (messages) => {
      sent.push(messages)
      return undefined
    },
    close: async () => {},
  }
  const append = (db: pg.Pool | pg.PoolClient, names: string[]) =>
    appendMessages(
      db as pg.PoolClient,
      names.map((name) => ({ topic, key: 'key', payload: name })),
    )
  await makeTick(pool, { topicPartitions: new Map([[topic, 6]]) })
  const startRelay = () => relayInTest(pool, { publisher, allowed: [topic], ...pace })
  const relay = await startRelay()
  await expect.poll(() => relay.window()).toBe(false)
  sent.length = 0
  if (messages > 0)
    await append(
      pool,
      Array.from({ length: messages }, (_, number) => `${number}`),
    )
  return {
    pool,
    relay,
    startRelay,
    sent,
    append,
    /** How far the shards have come, each place once. */
    async positions(): Promise<bigint[]> {
      return [...new Set((await readShards(pool)).map(({ position }) => position.id))]
    },
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** Moves of positions wait from now on, for what the test decides. */
function holdMoves(pool: pg.Pool): PromiseWithResolvers<void> {
  const decided = Promise.withResolvers<void>()
  const query = pool.query.bind(pool) as (...given: unknown[]) => Promise<pg.QueryResult>
  vi.spyOn(pool, 'query').mockImplementation((async (...given: unknown[]) => {
    if (isMove(given[0])) await decided.promise
    return query(...given)
  }) as unknown as pg.Pool['query'])
  return decided
}

function isMove(query: unknown): boolean {
  return (query as pg.QueryConfig).name === 'outbox-move'
}

function namesOf(messages: readonly OutgoingMessage[]): string[] {
  return messages.map(({ value }) => String(value))
}

function placesOf(messages: readonly OutgoingMessage[] = []): (string | undefined)[] {
  return messages.map(({ headers }) => headers['outbox-place'])
}

function tickOf({ headers }: OutgoingMessage): string | undefined {
  return /\/(\d+)\./.exec(headers['outbox-place'] ?? '')?.[1]
}
