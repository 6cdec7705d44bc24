import { expect, test } from 'vitest'
import { lastIdTaken } from '../src/last-id-taken.ts'
import { outboxDatabase } from './outbox-database.ts'

test('what is read as the last id never goes back, while others take ids', async () => {
  await using db = await outboxDatabase()
  // Asked anew for each row, whatever the SQL is: a sub-select would be evaluated once a statement.
  await db.pool.query(
    `create function last_id() returns bigint language plpgsql volatile as $$ begin return ${lastIdTaken}; end $$`,
  )
  const take = () => db.pool.query(`select count(nextval('outbox.message_id_seq')) from generate_series(1, 300000)`)
  const writing = Promise.all([take(), take(), take()])
  let written = false
  writing.then(() => {
    written = true
  })
  let last = 0n
  while (!written) {
    const { rows } = await db.pool.query<{ id: string }>('select last_id() as id from generate_series(1, 3000)')
    for (const { id } of rows) {
      expect(BigInt(id)).toBeGreaterThanOrEqual(last)
      last = BigInt(id)
    }
  }
  await writing
  const { rows } = await db.pool.query(`select ${lastIdTaken} as id`)
  expect(rows).toEqual([{ id: '900000' }])
})
