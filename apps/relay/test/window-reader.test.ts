import { appendMessages } from '@outbox/outbox/append-messages'
import type { Place } from '@outbox/outbox/place'
import { readShards } from '@outbox/outbox/read-shards'
import type pg from 'pg'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { relayMetrics } from '../src/relay-metrics.ts'
import { type Window, WindowReader } from '../src/window-reader.ts'
import { outboxDatabase } from './written-log.ts'

test('shards that come from another relay in the midst of a tick go on there, though this relay has left that tick behind', async () => {
  await using log = await filledLog(30)
  const { reader, start } = log
  const first = await log.readOn(reader, start)
  const second = await reader.next(log.cohort(endOf(first)))
  const third = await reader.next(log.cohort(endOf(second)))
  expect(namesIn(third)).toEqual(names(20, 30))
  await log.append(names(30, 35))
  // The last window's tick is done: this one is made, and the reader knows no other any more.
  expect(namesIn(await reader.next(log.cohort(endOf(third))))).toEqual(names(30, 35))

  const taken = await reader.next(log.cohort(endOf(first)))
  expect(namesIn(taken)).toEqual(names(10, 20))
  expect(namesIn(await reader.next(log.cohort(endOf(taken))))).toEqual(names(20, 30))
})

test('a position at the end of a tick goes on with the next one, whoever made it', async () => {
  await using log = await filledLog(10)
  const { reader, start } = log
  const end = endOf(await log.readOn(reader, start))
  await log.append(names(10, 15))
  const ofOther = await log.readOn(new WindowReader(log.options), end)
  expect(namesIn(ofOther)).toEqual(names(10, 15))
  expect(namesIn(await reader.next(log.cohort(end)))).toEqual(names(10, 15))
  expect(await reader.next(log.cohort(endOf(ofOther)))).toBeUndefined()
})

/** An outbox with so many messages, and a reader of windows of ten. */
async function filledLog(count: number) {
  const database = await outboxDatabase()
  const { pool, topic } = database
  const append = (payloads: string[]) =>
    appendMessages(
      pool as unknown as pg.PoolClient,
      payloads.map((payload) => ({ topic, key: 'key', payload })),
    )
  await append(names(0, count))
  const [state] = await readShards(pool)
  if (!state) throw new Error('outbox.shard is empty')
  const metrics = relayMetrics(new Registry(), { breaker: () => 'closed' })
  const options = { db: pool, shardCount: 16, windowIds: 10, windowBytes: 1_000_000, metrics }
  const cohort = (position: Place) => ({
    position,
    shards: Array.from({ length: 16 }, (_, shard) => ({ shard, epoch: 1n, position, takenOverN: position.n })),
  })
  return {
    options,
    append,
    cohort,
    reader: new WindowReader(options),
    start: state.position,
    /** A new reader first looks which ticks there are, and makes one when it is asked again. */
    readOn: async (reader: WindowReader, position: Place) =>
      (await reader.next(cohort(position))) ?? (await reader.next(cohort(position))),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

function names(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `${from + index}`)
}

function namesIn(window: Window | undefined): string[] | undefined {
  return window?.messages.map(({ payload }) => String(payload))
}

function endOf(window: Window | undefined): Place {
  if (!window) throw new Error('there is no window')
  return window.end
}
