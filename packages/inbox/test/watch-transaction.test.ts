import { expect, test } from 'vitest'
import type { Handler } from '../src/handler.ts'
import { apply, batchOf, inboxDatabase, recordEffects, relayed } from './deliveries.ts'

test('each transaction of a batch is told of, with how long it took and how it ended', async () => {
  await using db = await inboxDatabase()
  const ended: [seconds: number, outcome: string][] = []
  const onTransaction = (...end: [seconds: number, outcome: string]) => void ended.push(end)
  const handler: Handler = async (tx, messages, context) => {
    await recordEffects(tx, messages, context)
    if (messages.some(({ value }) => String(value) === '0/1.2')) throw new Error("can't take it")
  }
  await apply(db.pool, batchOf([relayed(0, 1), relayed(1, 2)]), { handler, onTransaction })
  // Both together, the first one alone, the second one by three attempts, and the dead letter in its place.
  const failed = 'handler-failed'
  expect(ended.map(([, outcome]) => outcome)).toEqual([failed, 'committed', failed, failed, failed, 'committed'])
  for (const [seconds] of ended) expect(seconds).toBeGreaterThan(0)

  ended.length = 0
  await db.pool.query('update inbox.kafka_offset set next_offset = 1000')
  const remade = { ...batchOf([relayed(2, 3)]), logEnd: 3n, soughtOffset: 1_000n }
  await expect(apply(db.pool, remade, { onTransaction })).rejects.toMatchObject({ stopsPartition: true })
  expect(ended.map(([, outcome]) => outcome)).toEqual(['stopped'])
})
