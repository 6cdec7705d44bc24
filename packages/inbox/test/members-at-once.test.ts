import type pg from 'pg'
import { expect, test, vi } from 'vitest'
import { apply, batchOf, effects, foreign, inboxDatabase, recordEffects, relayed } from './deliveries.ts'
import { interruptedPool } from './interrupted-pool.ts'

/** A handler that records its effects and then stands still, as a process does under SIGSTOP. */
function pausing() {
  const entered = Promise.withResolvers<void>()
  const resume = Promise.withResolvers<void>()
  const handler = vi.fn<typeof recordEffects>(async (...call) => {
    await recordEffects(...call)
    entered.resolve()
    await resume.promise
  })
  return { handler, entered: entered.promise, resume: () => resume.resolve(), [Symbol.dispose]: () => resume.resolve() }
}

/** Waits until a session of the pool's database waits for a lock. */
function someoneWaits(db: pg.Pool) {
  return vi.waitFor(
    async () => {
      const { rowCount } = await db.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      expect(rowCount).toBeGreaterThan(0)
    },
    { timeout: 10_000 },
  )
}

const first = [relayed(0, 1)]
const foreignFirst = [foreign(0)]

// On a partition's first message both find no row to lock. Without the insert before it nothing holds the second one
// back, and both apply.
test.each([
  ['the first message of a partition', [], first],
  ["the first message of a partition, a stranger's", [], foreignFirst],
  ['the first message of a shard', foreignFirst, [relayed(1, 1)]],
  ['a later message', first, [relayed(1, 2)]],
])('zombie and successor on %s: one effect', async (_which, before, messages) => {
  await using db = await inboxDatabase()
  if (before.length > 0) await apply(db.pool, batchOf(before), { handler: async () => {} })
  using zombie = pausing()
  const late = apply(db.pool, batchOf(messages), { handler: zombie.handler })
  await zombie.entered
  const successorHandler = vi.fn(recordEffects)
  const successor = apply(db.pool, batchOf(messages), { handler: successorHandler })
  await someoneWaits(db.pool)
  expect(successorHandler).not.toHaveBeenCalled()
  zombie.resume()
  expect(await late).toMatchObject({ applied: 1, duplicates: 0 })
  expect(await successor).toMatchObject({ applied: 0, duplicates: 1 })
  expect(await effects(db.pool)).toHaveLength(1)
})

// begin, lock, move, the handler's insert, commit; where the partition is new, insert and lock again behind the first lock
const known = [relayed(0, 1)]
const gaps = [
  ...[1, 2, 3, 4, 5].map((statements) => ({ statements, where: 'on a known shard', before: known, shard: 0 })),
  ...[1, 2, 3, 4, 5].map((statements) => ({ statements, where: 'on a new shard', before: known, shard: 1 })),
  ...[1, 2, 3, 4, 5, 6, 7].map((statements) => ({ statements, where: 'in a new partition', before: [], shard: 0 })),
]
test.each(gaps)('zombie paused after statement $statements $where, and its successor: one effect', async (gap) => {
  await using db = await inboxDatabase()
  if (gap.before.length > 0) await apply(db.pool, batchOf(gap.before))
  const paused = Promise.withResolvers<void>()
  const resume = Promise.withResolvers<void>()
  const interrupt = () => {
    paused.resolve()
    return resume.promise
  }
  const batch = batchOf([relayed(1, 2, { shard: gap.shard }), foreign(2)], {
    logStart: gap.before.length > 0 ? 0n : 1n,
  })
  const late = apply(interruptedPool(db.pool, { statements: gap.statements, interrupt }), batch)
  await paused.promise
  const successor = apply(db.pool, batch)
  await Promise.race([successor, someoneWaits(db.pool).catch(() => {})])
  resume.resolve()
  const applied = await Promise.all([late, successor])
  expect(applied.map(({ applied }) => applied).sort()).toEqual([0, 2])
  expect((await effects(db.pool)).slice(-2)).toEqual([`${gap.shard}/1.2`, 'foreign 2'])
  expect(await effects(db.pool)).toHaveLength(gap.before.length + 2)
})

test('a successor that knows a shard the zombie does not, and the other way round: each message once', async () => {
  await using db = await inboxDatabase()
  using zombie = pausing()
  const messages = [relayed(0, 1, { shard: 1 }), relayed(1, 2, { shard: 2 }), relayed(2, 3, { shard: 0 })]
  const late = apply(db.pool, batchOf(messages.slice(0, 2)), { handler: zombie.handler })
  await zombie.entered
  const successor = apply(db.pool, batchOf(messages))
  await someoneWaits(db.pool)
  zombie.resume()
  expect(await late).toMatchObject({ applied: 2 })
  expect(await successor).toMatchObject({ applied: 1, duplicates: 2 })
  expect(await effects(db.pool)).toEqual(['1/1.1', '2/1.2', '0/1.3'])
})

test('a zombie that stands still in its transaction: the server ends it, and its late commit is harmless', async () => {
  await using db = await inboxDatabase()
  const its = db.openPool({ idle_in_transaction_session_timeout: 500 })
  using zombie = pausing()
  const messages = [relayed(0, 1), relayed(1, 2)]
  const late = apply(its, batchOf(messages), { handler: zombie.handler })
  await zombie.entered
  expect(await apply(db.pool, batchOf([...messages, relayed(2, 3)]))).toMatchObject({ applied: 3 })
  zombie.resume()
  expect(await late).toMatchObject({ applied: 0, duplicates: 2, nextOffset: 3n })
  expect(zombie.handler).toHaveBeenCalledOnce()
  expect(await effects(db.pool)).toEqual(['0/1.1', '0/1.2', '0/1.3'])
})

test('a zombie that wakes up with an old batch applies nothing, and is sent to where its successor is', async () => {
  await using db = await inboxDatabase()
  const old = batchOf([relayed(0, 1), relayed(1, 2)])
  await apply(db.pool, batchOf([relayed(0, 1), relayed(1, 2), relayed(2, 3), relayed(3, 4)]))
  expect(await apply(db.pool, old)).toEqual({ nextOffset: 4n, applied: 0, duplicates: 2, deadLettered: 0 })
})

test('partitions, and groups, do not wait for each other', async () => {
  await using db = await inboxDatabase()
  using slow = pausing()
  const first = apply(db.pool, batchOf([foreign(0)]), { handler: slow.handler })
  await slow.entered
  expect(await apply(db.pool, batchOf([foreign(0)], { partition: 1 }))).toMatchObject({ applied: 1 })
  expect(await apply(db.pool, batchOf([foreign(0)]), { group: 'b' })).toMatchObject({ applied: 1 })
  slow.resume()
  await first
})
