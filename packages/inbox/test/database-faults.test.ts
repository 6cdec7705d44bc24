import type { ClientBase } from 'pg'
import { expect, test, vi } from 'vitest'
import { listDeadLetters } from '../src/list-dead-letters.ts'
import { apply, batchOf, effects, foreign, inboxDatabase, recordEffects, silent } from './deliveries.ts'

/** Fails `times` times by `fail`, which gets the transaction, then records effects. More often than there are attempts. */
function recovering(times: number, fail: (tx: ClientBase) => Promise<unknown>) {
  let left = times
  return async (...call: Parameters<typeof recordEffects>) => {
    await recordEffects(...call)
    if (left-- > 0) await fail(call[0])
  }
}

const raise = (code: string) => (tx: ClientBase) =>
  tx.query(`do $$ begin raise exception 'as if' using errcode = '${code}'; end $$`)

const terminate = async (tx: ClientBase) => tx.query('select pg_terminate_backend(pg_backend_pid())')

const faults: [string, (tx: ClientBase) => Promise<unknown>][] = [
  ['a deadlock', raise('40P01')],
  ['a serialization failure', raise('40001')],
  ['a full disk', raise('53100')],
  ['a lock that did not come', raise('55P03')],
  ['a cancelled statement', async (tx) => tx.query('set local statement_timeout = 1; select pg_sleep(1)')],
  ['a lost connection', terminate],
  [
    'an error that wraps one',
    async (tx) => {
      await raise('40P01')(tx).catch((cause) => {
        throw new Error('failed query', { cause })
      })
    },
  ],
  [
    'an error that hides a lost connection',
    async (tx) => {
      await terminate(tx).catch(() => {})
      throw new Error('cannot take this message')
    },
  ],
]

test.each(faults)('%s never counts as an attempt of a message', async (_name, fail) => {
  await using db = await inboxDatabase()
  const messages = [foreign(0), foreign(1), foreign(2), foreign(3)]
  const applied = await apply(db.pool, batchOf(messages), { handler: recovering(12, fail) })
  expect(applied).toEqual({ nextOffset: 4n, applied: 4, duplicates: 0, deadLettered: 0 })
  expect(await effects(db.pool)).toEqual(['foreign 0', 'foreign 1', 'foreign 2', 'foreign 3'])
})

test('two handlers that lock each other out both succeed', async () => {
  await using db = await inboxDatabase()
  await db.pool.query('create table account (id int primary key); insert into account values (1), (2)')
  const meeting = Promise.withResolvers<void>()
  let arrived = 0
  const lockBoth =
    (first: number, second: number) =>
    async (...call: Parameters<typeof recordEffects>) => {
      await recordEffects(...call)
      await call[0].query('select from account where id = $1 for update', [first])
      if (++arrived === 2) meeting.resolve()
      await meeting.promise
      await call[0].query('select from account where id = $1 for update', [second])
    }
  const applied = await Promise.all([
    apply(db.pool, batchOf([foreign(0)]), { handler: lockBoth(1, 2) }),
    apply(db.pool, batchOf([foreign(0)], { partition: 1 }), { handler: lockBoth(2, 1) }),
  ])
  expect(applied).toMatchObject([{ applied: 1 }, { applied: 1 }])
  expect(arrived).toBe(3)
  expect(await listDeadLetters(db.pool)).toEqual([])
})

test('a batch that is too much for the statement time-out is applied in smaller ones', async () => {
  await using db = await inboxDatabase()
  const messages = Array.from({ length: 8 }, (_, index) => foreign(index))
  const applied = await apply(db.pool, batchOf(messages), {
    async handler(tx, inHand, context) {
      await recordEffects(tx, inHand, context)
      await tx.query("set local statement_timeout = '200ms'")
      if (inHand.length > 2) await tx.query('select pg_sleep(5)')
    },
  })
  expect(applied).toMatchObject({ applied: 8, deadLettered: 0 })
  expect(await effects(db.pool)).toEqual(messages.map(({ value }) => String(value)))
})

test('a connection lost in COMMIT: what was committed is not applied again', async () => {
  await using db = await inboxDatabase()
  await db.pool.query(`
    create function die() returns trigger language plpgsql as $$ begin
      perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
    create table dying (n int);
    create constraint trigger dies after insert on dying deferrable initially deferred for each row execute function die()`)
  let calls = 0
  const applied = await apply(db.pool, batchOf([foreign(0)]), {
    async handler(...call) {
      await recordEffects(...call)
      if (++calls === 1) await call[0].query('insert into dying values (1)')
    },
  })
  expect(applied).toMatchObject({ applied: 1, deadLettered: 0 })
  expect(calls).toBe(2)
  expect(await effects(db.pool)).toEqual(['foreign 0'])
})

test('an unreachable database is waited for until the signal', async () => {
  await using db = await inboxDatabase()
  const stop = new AbortController()
  const connect = vi.spyOn(db.pool, 'connect').mockImplementation(() => Promise.reject(new Error('ECONNREFUSED')))
  const warn = vi.fn(() => {
    if (warn.mock.calls.length === 20) stop.abort()
  })
  const logger = { ...silent, warn }
  const applied = await apply(db.pool, batchOf([foreign(0)]), { logger, signal: stop.signal })
  expect(applied).toEqual({ nextOffset: 0n, applied: 0, duplicates: 0, deadLettered: 0 })
  connect.mockRestore()
})

test('what the inbox itself lacks is neither retried nor blamed on a message', async () => {
  await using db = await inboxDatabase()
  await db.pool.query('alter table inbox.kafka_offset rename to elsewhere')
  await expect(apply(db.pool, batchOf([foreign(0)]))).rejects.toMatchObject({ code: '42P01' })
})
