import { expect, test } from 'vitest'
import { PartitionStoppedError } from '../src/partition-stopped-error.ts'
import { nextOffset } from '../src/read-offsets.ts'
import { apply, batchOf, effects, foreign, inboxDatabase, relayed } from './deliveries.ts'

const partition = { group: 'a', topic: 'events', partition: 0 }

test('a log that was cut above the kept offset stops the partition and says what to do', async () => {
  await using db = await inboxDatabase()
  await apply(db.pool, batchOf([relayed(0, 1)]))
  const stopped = await apply(db.pool, batchOf([relayed(9, 2)], { logStart: 9n })).catch((error) => error)
  expect(stopped).toBeInstanceOf(PartitionStoppedError)
  expect(stopped).toMatchObject({ code: 'OUTBOX_LOG_CUT', stopsPartition: true })
  expect(stopped.message).toContain('at offset 1 of events/0, but its log begins at 9: 8 messages')
  expect(stopped.message).toContain(stopped.remedy)
  expect(await effects(db.pool)).toEqual(['0/1.1'])
  expect(await nextOffset(db.pool, partition)).toBe(1n)
})

test('a topic that was made again, shorter, stops the partition; its remedy begins anew without a second effect', async () => {
  await using db = await inboxDatabase()
  await apply(db.pool, batchOf([relayed(0, 1), relayed(1, 2), relayed(2, 3)]))
  const remade = batchOf([relayed(0, 3), relayed(1, 4)], { soughtOffset: 3n, logEnd: 2n })
  await expect(apply(db.pool, remade)).rejects.toMatchObject({ code: 'OUTBOX_TOPIC_REMADE', stopsPartition: true })

  await db.pool.query('update inbox.kafka_offset set next_offset = null')
  expect(await apply(db.pool, remade)).toMatchObject({ applied: 1, duplicates: 1, nextOffset: 2n })
  expect(await effects(db.pool)).toEqual(['0/1.1', '0/1.2', '0/1.3', '0/1.4'])
})

test('a member that was away is not taken for a topic that was made again', async () => {
  await using db = await inboxDatabase()
  const whatItFetched = batchOf([foreign(0), foreign(1)], { logEnd: 2n })
  await apply(db.pool, batchOf([foreign(0), foreign(1), foreign(2)], { logEnd: 3n }))
  expect(await apply(db.pool, whatItFetched)).toMatchObject({ nextOffset: 3n, applied: 0 })
})
