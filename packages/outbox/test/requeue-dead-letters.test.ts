import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { discardDeadLetters } from '../src/discard-dead-letters.ts'
import { countDeadLetters, findDeadLetters, readDeadLetter } from '../src/find-dead-letters.ts'
import { requeueDeadLetters } from '../src/requeue-dead-letters.ts'
import { type OutboxDatabase, outboxDatabase } from './outbox-database.ts'

async function park({ pool }: OutboxDatabase, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID())
  await pool.query(
    `insert into outbox.dead_letter (id, n, shard, message_id, topic, key, payload, headers, code, reason, ambiguous,
       first_id, attempts, holds)
     select at, 1, 0, id, 'shared-events', 'key', at::text::bytea, null, 'MESSAGE_TOO_LARGE', 'too large', at % 10 = 0,
       at, 1, false
     from unnest($1::uuid[]) with ordinality as given(id, at)`,
    [ids],
  )
  return ids
}

const appended = async ({ pool }: OutboxDatabase) =>
  (await pool.query(`select payload, headers ->> 'outbox-original-id' as original from outbox.message order by id`))
    .rows

test('dead letters go back in their order, batch after batch, also by two operators at once, each of them once', async () => {
  await using db = await outboxDatabase()
  const ids = await park(db, 60)
  const requeued = await Promise.all([1, 2].map(() => requeueDeadLetters(db.pool, {}, { batch: 7 })))
  expect(requeued.reduce((sum, count) => sum + count)).toBe(60)
  const rows = await appended(db)
  expect(new Set(rows.map(({ original }) => original))).toEqual(new Set(ids))
  expect(rows).toHaveLength(60)
  expect(await countDeadLetters(db.pool, {})).toEqual({ count: 0, lastId: 0n })
})

test('one that is refused again at once is not sent round and round', async () => {
  await using db = await outboxDatabase()
  await park(db, 3)
  await db.pool.query(`
    create function park_again() returns trigger language plpgsql as $$
    begin
      insert into outbox.dead_letter (id, n, shard, message_id, topic, payload, code, reason, ambiguous, first_id, attempts, holds)
      values (1000 + new.id, 1, 0, new.message_id, new.topic, new.payload, 'MESSAGE_TOO_LARGE', 'still too large', false,
        new.id, 1, false);
      return null;
    end $$;
    create trigger refused after insert on outbox.message for each row execute function park_again()`)
  expect(await requeueDeadLetters(db.pool, {}, { batch: 2 })).toBe(3)
  expect((await findDeadLetters(db.pool, {})).map(({ id }) => id > 1_000n)).toEqual([true, true, true])
})

test('what fails leaves everything as it was', async () => {
  await using db = await outboxDatabase()
  await park(db, 3)
  await db.pool.query('alter table outbox.message add check (payload <> $$2$$)')
  await expect(requeueDeadLetters(db.pool, {})).rejects.toMatchObject({ code: '23514' })
  expect(await appended(db)).toEqual([])
  expect(await countDeadLetters(db.pool, {})).toEqual({ count: 3, lastId: 3n })
})

test('filters choose, pages go on, and what is discarded is gone', async () => {
  await using db = await outboxDatabase()
  await park(db, 25)
  expect(await countDeadLetters(db.pool, { ambiguous: true })).toEqual({ count: 2, lastId: 20n })
  const page = await findDeadLetters(db.pool, { ambiguous: false }, { after: 9n, limit: 3 })
  expect(page.map(({ id, bytes }) => [id, bytes])).toEqual([
    [11n, 2],
    [12n, 2],
    [13n, 2],
  ])
  expect(await readDeadLetter(db.pool, 12n)).toMatchObject({ code: 'MESSAGE_TOO_LARGE', payload: Buffer.from('12') })
  expect(await discardDeadLetters(db.pool, { ids: [11n, 12n, 99n] })).toBe(2)
  expect(await readDeadLetter(db.pool, 12n)).toBeUndefined()
  expect((await countDeadLetters(db.pool, {})).count).toBe(23)
})
