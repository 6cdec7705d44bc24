import { expect, test } from 'vitest'
import { nextOffset } from '../src/read-offsets.ts'
import { apply, batchOf, effects, foreign, inboxDatabase, relayed } from './deliveries.ts'

const partition = { group: 'a', topic: 'events', partition: 0 }

test('a batch takes effect in order and moves the offset behind its end', async () => {
  await using db = await inboxDatabase()
  const applied = await apply(db.pool, batchOf([relayed(0, 1), relayed(1, 2, { shard: 3 }), relayed(2, 3)]))
  expect(applied).toEqual({ nextOffset: 3n, applied: 3, duplicates: 0, deadLettered: 0 })
  expect(await effects(db.pool)).toEqual(['0/1.1', '3/1.2', '0/1.3'])
  expect(await nextOffset(db.pool, partition)).toBe(3n)
})

test('a batch that is delivered again takes no effect', async () => {
  await using db = await inboxDatabase()
  const batch = batchOf([relayed(0, 1), foreign(1), relayed(2, 2)])
  await apply(db.pool, batch)
  expect(await apply(db.pool, batch)).toMatchObject({ nextOffset: 3n, applied: 0, duplicates: 3 })
  expect(await effects(db.pool)).toEqual(['0/1.1', 'foreign 1', '0/1.2'])
})

test('a place that a relay has published again, at a new offset, takes no effect', async () => {
  await using db = await inboxDatabase()
  await apply(db.pool, batchOf([relayed(0, 1), relayed(1, 2)]))
  const again = batchOf([relayed(2, 1), relayed(3, 2), relayed(4, 3), relayed(5, 3)])
  expect(await apply(db.pool, again)).toMatchObject({ nextOffset: 6n, applied: 1, duplicates: 3 })
  expect(await effects(db.pool)).toEqual(['0/1.1', '0/1.2', '0/1.3'])
})

test('a later tick stands behind a higher id of an earlier one', async () => {
  await using db = await inboxDatabase()
  await apply(db.pool, batchOf([relayed(0, 9, { n: 1 }), relayed(1, 4, { n: 2 })]))
  expect(await effects(db.pool)).toEqual(['0/1.9', '0/2.4'])
})

test('each group, log, partition and shard has a position of its own', async () => {
  await using db = await inboxDatabase()
  await apply(db.pool, batchOf([relayed(0, 5)]))
  const others = [relayed(1, 1, { shard: 1 }), relayed(2, 1, { of: 'ffffffffffff' })]
  expect(await apply(db.pool, batchOf(others))).toMatchObject({ applied: 2 })
  expect(await apply(db.pool, batchOf([relayed(0, 1)], { partition: 1 }))).toMatchObject({ applied: 1 })
  expect(await apply(db.pool, batchOf([relayed(0, 1)]), { group: 'b' })).toMatchObject({ applied: 1 })
})

test('a message without a place goes by its offset alone', async () => {
  await using db = await inboxDatabase()
  await apply(db.pool, batchOf([foreign(0), foreign(1)]))
  await apply(db.pool, batchOf([foreign(1), foreign(2)]))
  expect(await effects(db.pool)).toEqual(['foreign 0', 'foreign 1', 'foreign 2'])
})

test.each([
  'nonsense',
  '',
  '0123456789AB/0/1.1',
  '0123456789ab/0/1',
  '0123456789ab/-1/1.1',
  '0123456789ab/0/1.9999999999999999999',
  '0123456789ab/99999/9223372036854775808.1',
  "0123456789ab/0/1.1'; drop schema inbox cascade",
])('a message with the impossible place %j goes by its offset alone', async (place) => {
  await using db = await inboxDatabase()
  const message = { ...foreign(0), headers: { 'outbox-place': place } }
  expect(await apply(db.pool, batchOf([message]))).toMatchObject({ applied: 1, nextOffset: 1n })
  expect(await apply(db.pool, batchOf([message]))).toMatchObject({ applied: 0, nextOffset: 1n })
})

test('offsets that Kafka has left out are passed over', async () => {
  await using db = await inboxDatabase()
  expect(await apply(db.pool, batchOf([foreign(3), foreign(7)], { fetchedOffset: 0n }))).toMatchObject({
    applied: 2,
    nextOffset: 8n,
  })
})

test('a batch from beyond the kept offset is not applied: the database has lost its last transactions', async () => {
  await using db = await inboxDatabase()
  await apply(db.pool, batchOf([relayed(0, 1), relayed(1, 2)]))
  const ahead = batchOf([relayed(5, 6)])
  expect(await apply(db.pool, ahead)).toEqual({ nextOffset: 2n, applied: 0, duplicates: 0, deadLettered: 0 })
  expect(await effects(db.pool)).toEqual(['0/1.1', '0/1.2'])
})

test('a group that has applied nothing begins at the start of the log', async () => {
  await using db = await inboxDatabase()
  expect(await nextOffset(db.pool, partition)).toBeUndefined()
  const beyond = batchOf([relayed(50, 6)], { logStart: 40n })
  expect(await apply(db.pool, beyond)).toMatchObject({ nextOffset: 40n, applied: 0 })
  expect(await nextOffset(db.pool, partition)).toBeUndefined()
  const atStart = batchOf([relayed(40, 5), relayed(41, 6)], { logStart: 40n })
  expect(await apply(db.pool, atStart)).toMatchObject({ nextOffset: 42n, applied: 2 })
})

test('a batch that was fetched before the log was cut is applied whole', async () => {
  await using db = await inboxDatabase()
  const batch = batchOf([relayed(0, 1), relayed(1, 2)], { logStart: 1n })
  expect(await apply(db.pool, batch)).toMatchObject({ applied: 2 })
  expect(await apply(db.pool, batchOf([relayed(2, 3)], { logStart: 7n }))).toMatchObject({ applied: 1 })
})

test('a batch of no messages changes nothing', async () => {
  await using db = await inboxDatabase()
  await apply(db.pool, batchOf([relayed(0, 1)]))
  const empty = batchOf([], { fetchedOffset: 1n })
  expect(await apply(db.pool, empty)).toEqual({ nextOffset: 1n, applied: 0, duplicates: 0, deadLettered: 0 })
})

test('nothing is applied once the member has lost the partition, or stops', async () => {
  await using db = await inboxDatabase()
  const lost = batchOf([relayed(0, 1)], { signal: AbortSignal.abort() })
  expect(await apply(db.pool, lost)).toMatchObject({ nextOffset: 0n, applied: 0 })
  expect(await apply(db.pool, batchOf([relayed(0, 1)]), { signal: AbortSignal.abort() })).toMatchObject({ applied: 0 })
  expect(await effects(db.pool)).toEqual([])
})

test('the handler runs the last statement before the commit', async () => {
  await using db = await inboxDatabase()
  let seen: unknown
  await apply(db.pool, batchOf([relayed(0, 1), relayed(1, 2)]), {
    async handler(tx) {
      const { rows } = await tx.query('select next_offset, positions from inbox.kafka_offset')
      seen = rows
    },
  })
  expect(seen).toEqual([{ next_offset: '2', positions: ['0123456789ab/0/1.2'] }])
})

test('the handler gets place, message id and the bytes as they were', async () => {
  await using db = await inboxDatabase()
  const value = Buffer.from([0, 255, 10])
  const message = { ...relayed(0, 7, { shard: 2 }), value }
  message.headers['outbox-message-id'] = 'an id'
  let got: unknown
  await apply(db.pool, batchOf([message]), {
    async handler(_tx, messages, context) {
      got = { messages, context }
    },
  })
  expect(got).toEqual({
    messages: [
      { ...message, messageId: 'an id', place: { log: '0123456789ab', shard: 2, n: 1n, id: 7n }, replayed: false },
    ],
    context: partition,
  })
})
