import { drizzle } from 'drizzle-orm/node-postgres'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendMessages, type OutboxMessage } from '../src/append-messages.ts'
import { makeTick } from '../src/make-tick.ts'
import { appendedAtMs } from '../src/message-id.ts'
import { message, outboxDatabase, payloads, readBatch } from './outbox-database.ts'

test('ids ascend in the order given, and are answered in it', async () => {
  await using db = await outboxDatabase()
  const numbers = Array.from({ length: 500 }, (_, at) => `${at}`)
  const ids = await db.append(...numbers.map((number) => message(number, number)))
  const batch = await readBatch(db, await makeTick(db.pool))
  expect(payloads(batch)).toEqual(numbers)
  expect(batch.map(({ messageId }) => messageId)).toEqual(ids)
})

test('a message id is a uuid of version 7 that says when it was appended', async () => {
  await using db = await outboxDatabase()
  const before = Date.now()
  const [id = ''] = await db.append(message('one'))
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(appendedAtMs(id)).toBeGreaterThanOrEqual(before)
  expect(appendedAtMs(id)).toBeLessThanOrEqual(Date.now())
})

test('key, payload and headers are kept to the byte', async () => {
  await using db = await outboxDatabase(100_000, 100_000)
  const text = fc.string({ unit: 'binary', maxLength: 60 }).filter((value) => !/[\0\r\n]/.test(value))
  const headers = fc.dictionary(
    fc.stringMatching(/^[!-~]{1,20}$/).filter((name) => !/^(outbox-|__proto__$)/i.test(name)),
    text,
  )
  const payload = fc.oneof(fc.uint8Array({ maxLength: 5_000 }), fc.string({ unit: 'binary' }))
  const messages = fc.array(fc.record({ topic: fc.constant('t'), key: fc.option(text), payload, headers }), {
    minLength: 1,
    maxLength: 20,
  })
  const property = fc.asyncProperty(messages, async (given) => {
    await db.append(...given)
    const kept = await readBatch(db, await makeTick(db.pool))
    expect(kept.map(({ key }) => key)).toEqual(given.map(({ key }) => key))
    expect(kept.map(({ payload }) => payload)).toEqual(given.map(({ payload }) => Buffer.from(payload)))
    expect(kept.map(({ headers }) => headers)).toEqual(given.map(({ headers }) => ({ ...headers })))
  })
  await fc.assert(property, { numRuns: 30 })
})

test('a tombstone and a message without key or headers are kept as such', async () => {
  await using db = await outboxDatabase()
  await db.append({ topic: 'a', key: 'gone', payload: null }, { topic: 'b', payload: '' })
  expect(await readBatch(db, await makeTick(db.pool))).toMatchObject([
    { topic: 'a', key: 'gone', payload: null, headers: null },
    { topic: 'b', key: null, payload: Buffer.alloc(0), headers: null },
  ])
})

test('messages of a transaction that is rolled back never were, with the rows of the business', async () => {
  await using db = await outboxDatabase()
  await db.pool.query('create table business (id int)')
  const tx = await db.begin()
  await tx.query('insert into business values (1)')
  await appendMessages(tx, [message('rolled back')])
  await tx.rollback()
  const failing = drizzle(db.pool).transaction(async (tx) => {
    await tx.execute('insert into business values (2)')
    await appendMessages(tx, [message('rolled back')])
    throw new Error('business failed')
  })
  await expect(failing).rejects.toThrow('business failed')
  await drizzle(db.pool).transaction(async (tx) => {
    await tx.execute('insert into business values (3)')
    await appendMessages(tx, [message('committed')], { lockKeys: true })
  })
  expect((await db.pool.query('select id from business')).rows).toEqual([{ id: 3 }])
  expect(payloads(await readBatch(db, await makeTick(db.pool)))).toEqual(['committed'])
})

test('with lockKeys, transactions on one key wait for each other, in whichever order they name their keys', async () => {
  await using db = await outboxDatabase()
  const first = await db.begin()
  await appendMessages(first, [message('1', 'a'), message('1', 'b')], { lockKeys: true })
  const second = await db.begin()
  const waiting = appendMessages(second, [message('2', 'b'), message('2', 'a')], { lockKeys: true })
  const blocked = `select count(*)::int as waiting from pg_locks where locktype = 'advisory' and not granted`
  await expect.poll(async () => (await db.pool.query(blocked)).rows[0].waiting).toBe(1)
  await first.commit()
  await waiting
  await second.commit()
  expect(payloads(await readBatch(db, await makeTick(db.pool)))).toEqual(['1', '1', '2', '2'])
})

test('what is sent again keeps its first id in a header', async () => {
  await using db = await outboxDatabase()
  const originalIds = ['01a20bbc-bc21-7fe0-9918-780fba6cd449']
  const tx = await db.begin()
  await appendMessages(tx, [{ ...message('again'), headers: { tenant: 'a' } }], { originalIds })
  await tx.commit()
  const [again] = await readBatch(db, await makeTick(db.pool))
  expect(again?.headers).toEqual({ tenant: 'a', 'outbox-original-id': originalIds[0] })
})

const good: OutboxMessage = { topic: 'shared-events', key: 'key', payload: '{}' }

test.each<[string, object, string]>([
  ['a null byte in the key', { key: 'a\0' }, 'key'],
  ['a lone surrogate in the key', { key: '\ud800' }, 'key'],
  ['a key of 513 bytes', { key: `${'é'.repeat(256)}x` }, 'key'],
  ['a key that is a number', { key: 7 }, 'key'],
  ['a lone surrogate in the payload', { payload: '\udfff' }, 'payload'],
  ['a payload that is an object', { payload: {} }, 'payload'],
  ['no payload', { payload: undefined }, 'payload'],
  ['a tombstone without a key', { payload: null, key: null }, 'payload'],
  ['an empty topic', { topic: '' }, 'topic'],
  ['a topic with a blank', { topic: 'a b' }, 'topic'],
  ['the topic ..', { topic: '..' }, 'topic'],
  ['a topic of 250 characters', { topic: 'x'.repeat(250) }, 'topic'],
  ['a reserved header', { headers: { 'Outbox-place': 'x' } }, 'headers.Outbox-place'],
  ['a header without a name', { headers: { '': 'x' } }, 'headers'],
  ['a header whose name is not ASCII', { headers: { é: 'x' } }, 'headers'],
  ['a header named __proto__', { headers: JSON.parse('{"__proto__":"x"}') }, 'headers'],
  ['a header that is null', { headers: { a: null } }, 'headers.a'],
  ['a header that is a number', { headers: { a: 1 } }, 'headers.a'],
  ['a header with a line break', { headers: { a: 'x\r\ny' } }, 'headers.a'],
  ['a header with a null byte', { headers: { a: '\0' } }, 'headers.a'],
  ['headers that are a list', { headers: [] }, 'headers'],
  [
    'too many headers',
    { headers: Object.fromEntries(Array.from({ length: 41 }, (_, at) => [`h${at}`, ''])) },
    'headers',
  ],
  ['too long headers', { headers: { a: 'x'.repeat(10_000) } }, 'headers'],
])('refused: %s', async (_, wrong, field) => {
  const refused = appendMessages({ query: () => Promise.reject(new Error('asked the database')) } as never, [
    good,
    { ...good, ...wrong },
  ])
  await expect(refused).rejects.toMatchObject({ code: 'OUTBOX_MESSAGE_INVALID', index: 1, field })
})

test.each([[[]], [Array.from({ length: 10_001 }, () => good)]])(
  'an empty list and one that is too long are refused',
  async (messages) => {
    await expect(appendMessages({} as never, messages)).rejects.toMatchObject({
      code: 'OUTBOX_MESSAGE_INVALID',
      field: 'messages',
    })
  },
)

test('traceparent may be passed', async () => {
  await using db = await outboxDatabase()
  const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
  await db.append({ ...good, headers })
  expect(await readBatch(db, await makeTick(db.pool))).toMatchObject([{ headers }])
})
