import type pg from 'pg'
import { expect, test } from 'vitest'
import { countDeadLettersOf } from '../src/count-dead-letters.ts'
import { discardDeadLetters } from '../src/discard-dead-letters.ts'
import { DatabaseFaultError } from '../src/effect-transaction.ts'
import type { Handler } from '../src/handler.ts'
import { listDeadLetters } from '../src/list-dead-letters.ts'
import { replayDeadLetters } from '../src/replay-dead-letters.ts'
import { requestReplay } from '../src/request-replay.ts'
import { apply, batchOf, effects, inboxDatabase, recordEffects, relayed, silent } from './deliveries.ts'

const refuse: Handler = async () => {
  throw new Error('not today')
}

/** A group that has given up messages 1 to 3, and one that has given up message 1. */
async function withDeadLetters() {
  const db = await inboxDatabase()
  const messages = [relayed(0, 1), relayed(1, 2), relayed(2, 3)]
  await apply(db.pool, batchOf(messages), { handler: refuse })
  await apply(db.pool, batchOf(messages.slice(0, 1)), { handler: refuse, group: 'b' })
  return db
}

const replay = (db: pg.Pool, handler = recordEffects, limit = 100) =>
  replayDeadLetters(db, { group: 'a', handler, limit, logger: silent })

test('nothing is applied again before somebody asks', async () => {
  await using db = await withDeadLetters()
  expect(await replay(db.pool)).toEqual({ applied: 0, failed: 0 })
  expect(await listDeadLetters(db.pool, { group: 'a' })).toHaveLength(3)
})

test('dead letters that were asked for take effect once, oldest first, in their group alone', async () => {
  await using db = await withDeadLetters()
  expect(await requestReplay(db.pool, { group: 'a' })).toBe(3)
  expect(await replay(db.pool)).toEqual({ applied: 3, failed: 0 })
  expect(await replay(db.pool)).toEqual({ applied: 0, failed: 0 })
  expect(await effects(db.pool)).toEqual(['0/1.1', '0/1.2', '0/1.3'])
  expect(await listDeadLetters(db.pool)).toMatchObject([{ group: 'b', replayRequestedAt: null }])
})

test('the handler is told that a dead letter is replayed, and whether a message was sent again', async () => {
  await using db = await withDeadLetters()
  const told: boolean[] = []
  const handler: Handler = async (_, messages) => void told.push(...messages.map(({ replayed }) => replayed))
  const again = relayed(4, 5)
  again.headers['outbox-original-id'] = '01a20dd9-d2b6-75df-b6cc-ff7eaea2ecd2'
  await apply(db.pool, batchOf([relayed(3, 4), again]), { handler })
  expect(told.splice(0)).toEqual([false, true])
  await requestReplay(db.pool, { group: 'a' })
  await replay(db.pool, handler)
  expect(told).toEqual([true, true, true])
})

test('a group counts its own, no further than asked, and what is replayed or discarded leaves nothing behind', async () => {
  await using db = await withDeadLetters()
  const count = (atMost: number) => countDeadLettersOf(db.pool, { group: 'a', atMost })
  expect([await count(2), await count(100)]).toEqual([2, 3])
  const [first, second] = await listDeadLetters(db.pool, { group: 'a' })
  await requestReplay(db.pool, { group: 'a', ids: [first?.id ?? 0n] })
  await replay(db.pool)
  expect(await discardDeadLetters(db.pool, { group: 'b', ids: [second?.id ?? 0n] })).toBe(0)
  expect(await discardDeadLetters(db.pool, { group: 'a', ids: [second?.id ?? 0n] })).toBe(1)
  expect(await discardDeadLetters(db.pool, { group: 'a' })).toBe(1)
  expect(await listDeadLetters(db.pool)).toMatchObject([{ group: 'b' }])
  expect(await effects(db.pool)).toEqual(['0/1.1'])
})

test('one alone can be asked for, and the limit holds', async () => {
  await using db = await withDeadLetters()
  const [, second] = await listDeadLetters(db.pool, { group: 'a' })
  expect(await requestReplay(db.pool, { group: 'a', ids: [second?.id ?? 0n] })).toBe(1)
  expect(await replay(db.pool)).toEqual({ applied: 1, failed: 0 })
  await requestReplay(db.pool, { group: 'a' })
  expect(await replay(db.pool, recordEffects, 1)).toEqual({ applied: 1, failed: 0 })
  expect(await effects(db.pool)).toEqual(['0/1.2', '0/1.1'])
})

test('one that fails again waits for an operator, and the others go on', async () => {
  await using db = await withDeadLetters()
  await requestReplay(db.pool, { group: 'a' })
  const handler: Handler = async (tx, messages, context) => {
    await recordEffects(tx, messages, context)
    if (messages[0]?.offset === 1n) throw new Error('nor tomorrow')
  }
  expect(await replay(db.pool, handler)).toEqual({ applied: 2, failed: 1 })
  expect(await effects(db.pool)).toEqual(['0/1.1', '0/1.3'])
  expect(await listDeadLetters(db.pool, { group: 'a' })).toMatchObject([
    { offset: 1n, attempts: 4, reason: 'Error: nor tomorrow', replayRequestedAt: null },
  ])
})

test('members that replay at once share the work', async () => {
  await using db = await withDeadLetters()
  await requestReplay(db.pool, { group: 'a' })
  const replays = await Promise.all([replay(db.pool), replay(db.pool), replay(db.pool)])
  expect(replays.reduce((sum, { applied }) => sum + applied, 0)).toBe(3)
  expect((await effects(db.pool)).sort()).toEqual(['0/1.1', '0/1.2', '0/1.3'])
})

test('a lost connection leaves the dead letter asked for', async () => {
  await using db = await withDeadLetters()
  await requestReplay(db.pool, { group: 'a' })
  const handler: Handler = async (tx) => void (await tx.query('select pg_terminate_backend(pg_backend_pid())'))
  await expect(replay(db.pool, handler)).rejects.toBeInstanceOf(DatabaseFaultError)
  expect(await replay(db.pool)).toEqual({ applied: 3, failed: 0 })
})

test('pages of dead letters go on behind the last one seen', async () => {
  await using db = await withDeadLetters()
  const first = await listDeadLetters(db.pool, { limit: 2 })
  const rest = await listDeadLetters(db.pool, { limit: 9, after: first.at(-1)?.id ?? 0n })
  expect([...first, ...rest].map(({ group, offset }) => `${group} ${offset}`)).toEqual(['a 0', 'a 1', 'a 2', 'b 0'])
})
