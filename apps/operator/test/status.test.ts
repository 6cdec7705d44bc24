import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { appendMessages } from '@outbox/outbox/append-messages'
import { claimShards } from '@outbox/outbox/claim-shards'
import { makeRelayName } from '@outbox/outbox/relay-name'
import { expect, test } from 'vitest'
import { operatedDatabase, runOperator } from './run-operator.ts'

test('status says what waits, who publishes, and what holds things up', async () => {
  await using db = await operatedDatabase()
  expect((await db.outbox('status')).out).toContain('start a relay')
  await claimShards(db.pool, { relay: makeRelayName('relay-7'), leaseMs: 60_000, entering: true })
  await appendMessages(
    db.pool,
    [1, 2, 3].map((payload) => ({ topic: 'shared-events', payload: `${payload}` })),
  )
  await db.pool.query(`insert into inbox.consumer_group (name) values ('group-a')`)
  await db.park(1, { ambiguous: true })
  const held = await db.pool.connect()
  await held.query('begin')
  const { rows } = await held.query('select pg_backend_pid() as pid')

  const { exitCode, out } = await db.outbox('status')
  expect(exitCode).toBe(0)
  expect(out).toMatch(/Unpublished +3 at most/)
  expect(out).toMatch(/Shards without a relay +none/)
  expect(out).toMatch(new RegExp(`Oldest transaction .* pid ${rows[0].pid}`))
  expect(out).toMatch(/Dead letters +1, of which 1 may be in the topic already/)
  expect(out).toMatch(/relay-7 +16 /)
  expect(out).toMatch(/group-a +0/)
  const json = JSON.parse((await db.outbox('--json status')).out)
  expect(json).toMatchObject({
    lag: { messages: '3' },
    relays: [{ instance: 'relay-7', shards: Array.from({ length: 16 }, (_, shard) => shard) }],
    unowned: [],
    deadLetters: 1,
    groups: [{ group: 'group-a', deadLetters: 0 }],
  })
  await held.query('rollback')
  held.release()
})

test('a database without an outbox, or without an answer: one message that says what to do, exit code 69', async () => {
  await using empty = await freshDatabase()
  const none = await runOperator('status', { databaseUrl: empty.url })
  expect(none).toMatchObject({ exitCode: 69, out: '' })
  expect(none.err).toContain('lacks tables of the outbox')
  const gone = await runOperator('status', { databaseUrl: 'postgres://user:secret@127.0.0.1:1/outbox' })
  expect(gone).toMatchObject({ exitCode: 69, out: '' })
  expect(gone.err).toMatch(/the database at 127\.0\.0\.1:1\/outbox does not answer/)
  expect(gone.err).not.toContain('secret')
  const wrong = await runOperator('--database-url nonsense status', {})
  expect(wrong).toMatchObject({ exitCode: 2, err: expect.stringContaining('--database-url is no URL') })
})
