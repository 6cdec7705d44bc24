import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { discardDeadLetters } from '../src/discard-dead-letters.ts'
import { countDeadLetters, findDeadLetters, readDeadLetter } from '../src/find-dead-letters.ts'
import { requeueDeadLetters } from '../src/requeue-dead-letters.ts'
import { type OutboxDatabase, outboxDatabase } from './outbox-database.ts'

async function park({ pool }: OutboxDatabase, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => randomUUID())
  await pool.query(
    `insert into outbox.dead_letter (id, n, shard, message_id, topic, key, payload, headers, code, reason, ambiguous,
       first_id, attempts, holds)
     select at, 1, 0, id, 'shared-events', 'key', at::text::bytea, null, 'MESSAGE_TOO_LARGE', 'too large', at % 10 = 0,
       at, 1, false
     from unnest($1::uuid[]) with ordinality as given(id, at)`,
    [ids],
  )
}

test('requeued ones are due at once, whatever their attempts', async () => {
  await using db = await outboxDatabase()
  await park(db, 25)
  expect(await requeueDeadLetters(db.pool, { ambiguous: false })).toBe(23)
  expect((await findDeadLetters(db.pool, {})).filter(({ nextAttemptAt }) => nextAttemptAt === null)).toMatchObject([
    { id: 10n },
    { id: 20n },
  ])
})

test('one that stands in the log again is no dead letter, for whoever looks', async () => {
  await using db = await outboxDatabase()
  await park(db, 3)
  await db.pool.query('update outbox.dead_letter set resent_id = 9 where id = 2')
  expect((await findDeadLetters(db.pool, {})).map(({ id }) => id)).toEqual([1n, 3n])
  expect(await readDeadLetter(db.pool, 2n)).toBeUndefined()
  expect(await requeueDeadLetters(db.pool, { ids: [2n] })).toBe(0)
  expect(await discardDeadLetters(db.pool, {})).toBe(2)
})

test('filters choose, pages go on, and what is discarded is gone', async () => {
  await using db = await outboxDatabase()
  await park(db, 25)
  expect(await countDeadLetters(db.pool, { ambiguous: true })).toBe(2)
  const page = await findDeadLetters(db.pool, { ambiguous: false }, { after: 9n, limit: 3 })
  expect(page.map(({ id, bytes }) => [id, bytes])).toEqual([
    [11n, 2],
    [12n, 2],
    [13n, 2],
  ])
  expect(await readDeadLetter(db.pool, 12n)).toMatchObject({ code: 'MESSAGE_TOO_LARGE', payload: Buffer.from('12') })
  expect(await discardDeadLetters(db.pool, { ids: [11n, 12n, 99n] })).toBe(2)
  expect(await readDeadLetter(db.pool, 12n)).toBeUndefined()
  expect(await countDeadLetters(db.pool, {})).toBe(23)
})
