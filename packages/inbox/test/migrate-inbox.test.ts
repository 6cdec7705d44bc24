import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { expect, test } from 'vitest'
import { migrateInbox } from '../src/migrate-inbox.ts'
import { registerGroup } from '../src/register-group.ts'

test('any number of members may migrate and register at once', async () => {
  await using db = await freshDatabase()
  await Promise.all([migrateInbox(db.pool), migrateInbox(db.pool), migrateInbox(db.pool)])
  await migrateInbox(db.pool)
  await Promise.all(['a', 'b', 'a', 'a'].map((group) => registerGroup(db.pool, group)))
  const { rows } = await db.pool.query('select name from inbox.consumer_group order by name')
  expect(rows).toEqual([{ name: 'a' }, { name: 'b' }])
})
