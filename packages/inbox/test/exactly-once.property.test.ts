import fc from 'fast-check'
import type pg from 'pg'
import { expect, test } from 'vitest'
import type { DeliveredMessage } from '../src/delivered-batch.ts'
import { apply, batchOf, effects, foreign, inboxDatabase, relayed } from './deliveries.ts'
import { interruptedPool } from './interrupted-pool.ts'

/** What relays have written to a partition: each run goes back a little, as one does that took over, then on. */
const partitionLog = fc
  .array(fc.record({ back: fc.nat(4), on: fc.integer({ min: 1, max: 5 }), stranger: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((runs) => {
    const log: DeliveredMessage[] = []
    let last = 0
    for (const { back, on, stranger } of runs) {
      for (let id = Math.max(1, last - back + 1); id <= last + on; id += 1) {
        log.push(relayed(log.length, id, { shard: id % 3, n: 1 + (id >> 2) }))
      }
      last += on
      if (stranger) log.push(foreign(log.length))
    }
    return log
  })

/** A member's batch, from anywhere; its connection may break after any of a transaction's statements. */
const delivery = fc.record({
  from: fc.nat(20),
  count: fc.integer({ min: 1, max: 12 }),
  breaksAfter: fc.option(fc.integer({ min: 1, max: 7 }), { nil: undefined, freq: 2 }),
  dies: fc.boolean(),
})

/** Deliveries in a row, up to three of them at once. */
const deliveries = fc.array(fc.array(delivery, { minLength: 1, maxLength: 3 }), { maxLength: 5 })

test('whatever is delivered, by whom, and wherever it breaks: each effect once, in the order of first appearances', async () => {
  await using db = await inboxDatabase()
  let runs = 0
  await fc.assert(
    fc.asyncProperty(partitionLog, deliveries, async (log, rounds) => {
      const group = `group-${runs++}`
      for (const round of rounds) {
        await Promise.all(round.map((each) => deliver(db.pool, { group, log, ...each })))
      }
      let next = 0n
      while (next < log.length) {
        next = (await apply(db.pool, batchOf(log.slice(Number(next))), { group })).nextOffset
      }
      expect(await effects(db.pool, group)).toEqual([...new Set(log.map(({ value }) => String(value)))])
    }),
    { numRuns: 150 },
  )
})

type Delivery = {
  group: string
  log: DeliveredMessage[]
  from: number
  count: number
  breaksAfter: number | undefined
  dies: boolean
}

async function deliver(pool: pg.Pool, { group, log, from, count, breaksAfter, dies }: Delivery): Promise<void> {
  const stop = new AbortController()
  const messages = log.slice(from % log.length, (from % log.length) + count)
  const interrupt = async (client: pg.PoolClient) => {
    if (dies) stop.abort()
    const lost = new Error('Connection terminated')
    client.emit('error', lost)
    throw lost
  }
  const breaking = breaksAfter === undefined ? pool : interruptedPool(pool, { statements: breaksAfter, interrupt })
  await apply(breaking, batchOf(messages), { group, signal: stop.signal })
}
