import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { migrateOutbox } from '@outbox/outbox/migrate-outbox'
import { expect, inject, test } from 'vitest'
import { databaseProxy } from './database-proxy.ts'
import { holdAppends } from './hold-appends.ts'
import { startProcess } from './producer-process.ts'
import { one, post } from './producer-under-test.ts'

test('makes the schema, gets ready, and on SIGTERM finishes what is in flight and exits 0', async () => {
  await using database = await freshDatabase()
  const patience = { DATABASE_STATEMENT_TIMEOUT_MS: '30000', PRODUCER_DRAIN_MS: '3000', STOP_TIMEOUT_MS: '30000' }
  await using producer = startProcess({ DATABASE_URL: database.url, INSTANCE: 'p-1', ...patience })
  await producer.ready()
  const url = await producer.url()
  await using held = await holdAppends(database.pool)
  const inFlight = [1, 2, 3].map((n) => post(url, one({ key: `${n}` })))
  await expect.poll(() => held.waiting()).toBe(3)

  producer.kill('SIGTERM')
  await expect.poll(async () => (await fetch(`${url}/health/ready`)).status).toBe(503)
  producer.kill('SIGINT')
  await held.release()
  for (const answer of await Promise.all(inFlight)) {
    expect(answer.status).toBe(202)
    expect(answer.headers.get('connection')).toBe('close')
  }
  expect(await producer.exitCode).toBe(0)
  expect((await database.pool.query('select from outbox.message')).rowCount).toBe(3)
  for (const line of producer.log()) expect(line).toMatchObject({ instance: 'p-1', level: 30 })
})

test('a database that comes up later is waited for; until then ready names it and messages are answered 503', async () => {
  await using database = await freshDatabase()
  await using proxy = await databaseProxy(inject('databaseUrl'))
  proxy.mode = { kind: 'refuse' }
  await using producer = startProcess({ DATABASE_URL: proxy.through(database.url) })
  const url = await producer.url()
  const ready = await fetch(`${url}/health/ready`)
  expect([ready.status, await ready.json()]).toMatchObject([503, { status: 'not ready', failing: ['database'] }])
  expect((await fetch(`${url}/health/live`)).status).toBe(200)
  expect(await post(url, one())).toMatchObject({ status: 503 })
  proxy.mode = { kind: 'pass' }
  await producer.ready()
  expect(await post(url, one())).toMatchObject({ status: 202 })

  proxy.mode = { kind: 'refuse' }
  proxy.cut()
  await expect.poll(async () => (await fetch(`${url}/health/ready`)).status).toBe(503)
  proxy.mode = { kind: 'pass' }
  await producer.ready()
})

test('a stop while it waits for the database is orderly', async () => {
  await using producer = startProcess({ DATABASE_URL: 'postgres://u:geheim@127.0.0.1:1/none' })
  await producer.url()
  await expect.poll(() => producer.stdout()).toContain('the database is not there yet')
  producer.kill('SIGINT')
  expect(await producer.exitCode).toBe(0)
  expect(producer.stdout() + producer.stderr()).not.toContain('geheim')
})

test('several start at once on an empty database', async () => {
  await using database = await freshDatabase()
  await using one = startProcess({ DATABASE_URL: database.url })
  await using other = startProcess({ DATABASE_URL: database.url })
  await Promise.all([one.ready(), other.ready()])
})

test('a port that is taken: one line that names it, exit 69', async () => {
  await using database = await freshDatabase()
  await using first = startProcess({ DATABASE_URL: database.url })
  const { port } = new URL(await first.url())
  await using second = startProcess({ DATABASE_URL: database.url, PORT: port })
  expect(await second.exitCode).toBe(69)
  expect(second.log().at(-1)).toMatchObject({ level: 60, msg: expect.stringContaining(`127.0.0.1:${port} is taken`) })
})

test.each([
  ['an unknown database', { pathname: '/nowhere' }, 'nowhere'],
  ['an unknown user', { username: 'nobody' }, 'nobody'],
])('%s: one line, exit 78, the password not shown', async (_what, wrong, named) => {
  const url = Object.assign(new URL(inject('databaseUrl')), { password: 'geheim', ...wrong })
  await using producer = startProcess({ DATABASE_URL: url.href })
  expect(await producer.exitCode).toBe(78)
  expect(producer.log().at(-1)).toMatchObject({ level: 60, msg: expect.stringContaining(named) })
  expect(producer.stdout() + producer.stderr()).not.toContain('geheim')
})

test('a schema that is newer than the code: one line, exit 78', async () => {
  await using database = await freshDatabase(migrateOutbox)
  await database.pool.query(`insert into outbox.migration (hash, created_at) values ('later', 9999999999999)`)
  await using producer = startProcess({ DATABASE_URL: database.url })
  expect(await producer.exitCode).toBe(78)
  expect(producer.log().at(-1)).toMatchObject({ level: 60, msg: expect.stringContaining('newer') })
})

test('wrong settings: a line for each, and nothing else, exit 78', async () => {
  await using producer = startProcess({
    DATABASE_URL: 'postgres://u:geheim@:x/',
    PRODUCER_MAX_BATCH: '0',
    TOPICS: ' ',
    LOG_LEVEL: 'loud',
  })
  expect(await producer.exitCode).toBe(78)
  expect(producer.stdout()).toBe('')
  const lines = producer.stderr().trimEnd().split('\n')
  expect(lines.map((line) => line.split(' ', 2).join(' ')).sort()).toEqual([
    'producer: DATABASE_URL',
    'producer: LOG_LEVEL',
    'producer: PRODUCER_MAX_BATCH',
    'producer: TOPICS',
  ])
  expect(producer.stderr()).not.toContain('geheim')
})
