import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { expect, test } from 'vitest'
import migrations from '../migrations/meta/_journal.json' with { type: 'json' }
import { migrateOutbox } from '../src/migrate-outbox.ts'
import { readLog } from '../src/read-log.ts'

test('four that migrate at once make one log', async () => {
  await using db = await freshDatabase()
  await Promise.all([1, 2, 3, 4].map(() => migrateOutbox(db.pool)))
  expect((await readLog(db.pool)).id).toMatch(/^[0-9a-f]{12}$/)
  const count = async (table: string) =>
    (await db.pool.query(`select count(*)::int from outbox.${table}`)).rows[0].count
  expect(await count('migration')).toBe(migrations.entries.length)
  expect(await count('tick')).toBe(1)
  expect(await count('shard')).toBe(16)
})

test('migrating again changes nothing', async () => {
  await using db = await freshDatabase(migrateOutbox)
  const before = await readLog(db.pool)
  await migrateOutbox(db.pool)
  expect(await readLog(db.pool)).toEqual(before)
})

test('a schema that is newer than the code is refused', async () => {
  await using db = await freshDatabase(migrateOutbox)
  await db.pool.query(`insert into outbox.migration (hash, created_at) values ('newer', 4000000000000)`)
  await expect(migrateOutbox(db.pool)).rejects.toMatchObject({
    code: 'OUTBOX_SCHEMA_NEWER',
    message: expect.stringContaining('run a newer version'),
  })
})

test('a role that may not migrate is told so, and is enough where nothing is left to do', async () => {
  await using db = await freshDatabase()
  const role = `limited_${new URL(db.url).pathname.slice(1)}`
  await db.pool.query(`create role ${role} login`)
  const limited = db.openPool({ user: role, options: `-c role=${role}` })
  try {
    await expect(migrateOutbox(limited)).rejects.toMatchObject({ code: 'OUTBOX_SCHEMA_FORBIDDEN' })
    await migrateOutbox(db.pool)
    await db.pool.query(`grant usage on schema outbox to ${role}`)
    await db.pool.query(`grant select, insert, update, delete on all tables in schema outbox to ${role}`)
    await db.pool.query(`grant select, usage on all sequences in schema outbox to ${role}`)
    await migrateOutbox(limited)
  } finally {
    await db.pool.query(`drop owned by ${role}`)
    await db.pool.query(`drop role ${role}`)
  }
})
