import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { runMigrations } from '@outbox/outbox/run-migrations'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { inboxMigrations, migrateInbox } from '../src/migrate-inbox.ts'
import { registerGroup } from '../src/register-group.ts'

test('any number of members may migrate and register at once', async () => {
  await using db = await freshDatabase()
  await Promise.all([migrateInbox(db.pool), migrateInbox(db.pool), migrateInbox(db.pool)])
  await migrateInbox(db.pool)
  await Promise.all(['a', 'b', 'a', 'a'].map((group) => registerGroup(db.pool, group)))
  const { rows } = await db.pool.query('select name from inbox.consumer_group order by name')
  expect(rows).toEqual([{ name: 'a' }, { name: 'b' }])
})

test('positions of a row each come along, those of a partition that is read from its start among them', async () => {
  await using db = await freshDatabase()
  await migrateFirst(db.pool, 1)
  await db.pool.query(`
    insert into inbox.kafka_offset values ('a', 'events', 0, 17), ('a', 'events', 1, null);
    insert into inbox.position values
      ('a', 'events', 0, '0123456789ab', 3, 5, 7), ('a', 'events', 0, '0123456789ab', 2, 5, 6),
      ('a', 'events', 0, '0123456789ab', 4, -1, -1), ('b', 'events', 0, '0123456789ab', 1, 4, 2)`)
  await migrateInbox(db.pool)
  const { rows } = await db.pool.query('select * from inbox.kafka_offset order by group_name, partition')
  const of = (group_name: string, partition: number) => ({ group_name, topic: 'events', partition })
  expect(rows).toEqual([
    { ...of('a', 0), next_offset: '17', positions: ['0123456789ab/2/5.6', '0123456789ab/3/5.7'] },
    { ...of('a', 1), next_offset: null, positions: [] },
    { ...of('b', 0), next_offset: null, positions: ['0123456789ab/1/4.2'] },
  ])
})

/** The schema as it was after its first `count` migrations. */
async function migrateFirst(pool: pg.Pool, count: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  try {
    await cp(inboxMigrations.folder, folder, { recursive: true })
    const journal = join(folder, 'meta/_journal.json')
    const { entries, ...rest } = JSON.parse(await readFile(journal, 'utf8'))
    await writeFile(journal, JSON.stringify({ ...rest, entries: entries.slice(0, count) }))
    await runMigrations(pool, { ...inboxMigrations, folder })
  } finally {
    await rm(folder, { recursive: true })
  }
}
