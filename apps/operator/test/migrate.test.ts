import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { expect, test } from 'vitest'
import { runOperator } from './run-operator.ts'

test('migrate makes what is missing, names it, and finds nothing to do the second time', async () => {
  await using db = await freshDatabase()
  const migrate = (line: string) => runOperator(line, { databaseUrl: db.url })
  expect(await migrate('migrate')).toEqual({
    exitCode: 0,
    out: expect.stringMatching(
      /^outbox: applied 0000_log, 0001_retries.*\ninbox: applied 0000_inbox.*\nledger: applied 0000_ledger.*\n$/,
    ),
    err: '',
  })
  expect(await migrate('migrate')).toEqual({
    exitCode: 0,
    out: 'outbox: up to date\ninbox: up to date\nledger: up to date\n',
    err: '',
  })
  expect((await migrate('status')).exitCode).toBe(0)
  expect(JSON.parse((await migrate('migrate --json')).out)).toEqual([
    { schema: 'outbox', applied: [] },
    { schema: 'inbox', applied: [] },
    { schema: 'ledger', applied: [] },
  ])
})

test("the database's URL may stand in a file, as it does for the apps", async () => {
  await using db = await freshDatabase()
  await using folder = await mkdtempDisposable(join(tmpdir(), 'outbox-'))
  const databaseUrlFile = join(folder.path, 'database-url')
  expect(await runOperator('migrate', { databaseUrlFile })).toEqual({
    exitCode: 2,
    out: '',
    err: expect.stringMatching(/^outbox: DATABASE_URL_FILE is .* can't be read \(ENOENT\).*\n$/),
  })
  await writeFile(databaseUrlFile, `${db.url}\n`)
  expect(await runOperator('migrate', { databaseUrlFile })).toMatchObject({ exitCode: 0, err: '' })
})

test('a schema that is newer than this version, or a role that may not: one message, exit code 1', async () => {
  await using db = await freshDatabase()
  const role = `limited_${new URL(db.url).pathname.slice(1)}`
  await db.pool.query(`create role ${role} login`)
  try {
    const limited = new URL(db.url)
    limited.username = role
    expect(await runOperator('migrate', { databaseUrl: limited.href })).toMatchObject({
      exitCode: 1,
      out: '',
      err: expect.stringMatching(/^outbox: The database's role may not create or change the schema "outbox".*\n$/),
    })
  } finally {
    await db.pool.query(`drop role ${role}`)
  }
  await runOperator('migrate', { databaseUrl: db.url })
  await db.pool.query(`insert into inbox.migration (hash, created_at) values ('newer', 4000000000000)`)
  expect(await runOperator('migrate', { databaseUrl: db.url })).toMatchObject({
    exitCode: 1,
    err: expect.stringMatching(/^outbox: .*"inbox" is newer .* run a newer version\.\n$/),
  })
})
