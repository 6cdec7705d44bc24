import { expect, test, vi } from 'vitest'
import type { DeliveredMessage } from '../src/delivered-batch.ts'
import type { Handler } from '../src/handler.ts'
import { listDeadLetters } from '../src/list-dead-letters.ts'
import { nextOffset } from '../src/read-offsets.ts'
import { apply, batchOf, effects, foreign, inboxDatabase, recordEffects, relayed, silent } from './deliveries.ts'

/** Records effects, but throws for the values given: after having written something. */
function failsFor(bad: readonly string[], seen: string[][] = []): Handler {
  return async (tx, messages, context) => {
    seen.push(messages.map(({ value }) => String(value)))
    await recordEffects(tx, messages, context)
    const poison = messages.find(({ value }) => bad.includes(String(value)))
    if (poison) throw new Error(`can't take ${poison.value}`)
  }
}

const hundred = Array.from({ length: 100 }, (_, index) => relayed(index, index + 1))
const valueIn = ({ value }: DeliveredMessage) => String(value)

test('a handler that throws for one message: it becomes a dead letter, the others take effect once and in order', async () => {
  await using db = await inboxDatabase()
  const applied = await apply(db.pool, batchOf(hundred), { handler: failsFor(['0/1.38']) })
  expect(applied).toEqual({ nextOffset: 100n, applied: 99, duplicates: 0, deadLettered: 1 })
  expect(await effects(db.pool)).toEqual(hundred.map(valueIn).filter((value) => value !== '0/1.38'))
  expect(await listDeadLetters(db.pool, { group: 'a' })).toMatchObject([
    {
      offset: 37n,
      place: '0123456789ab/0/1.38',
      key: Buffer.from('k'),
      reason: "Error: can't take 0/1.38",
      attempts: 3,
    },
  ])
})

test.each([[['0/1.1', '0/1.2', '0/1.100']], [hundred.map(valueIn)]])(
  'several messages fail, the first and the last among them (%#)',
  async (bad) => {
    await using db = await inboxDatabase()
    const applied = await apply(db.pool, batchOf(hundred), { handler: failsFor(bad) })
    expect(applied).toMatchObject({ nextOffset: 100n, applied: 100 - bad.length, deadLettered: bad.length })
    expect(await effects(db.pool)).toEqual(hundred.map(valueIn).filter((value) => !bad.includes(value)))
    expect((await listDeadLetters(db.pool)).map(({ offset }) => hundred[Number(offset)]?.value?.toString())).toEqual(
      bad,
    )
  },
)

test('a message that succeeds within its attempts is no dead letter', async () => {
  await using db = await inboxDatabase()
  let failures = 0
  const applied = await apply(db.pool, batchOf([foreign(0)]), {
    async handler(...call) {
      await recordEffects(...call)
      if (++failures < 3) throw new Error('not yet')
    },
  })
  expect(applied).toMatchObject({ applied: 1, deadLettered: 0 })
  expect(await effects(db.pool)).toEqual(['foreign 0'])
})

test('the waits between the attempts of a message are asked for by their number', async () => {
  await using db = await inboxDatabase()
  const waitMs = vi.fn(() => 1)
  await apply(db.pool, batchOf([foreign(0)]), { handler: failsFor(['foreign 0']), retry: { maxAttempts: 4, waitMs } })
  expect(waitMs.mock.calls).toEqual([[1], [2], [3]])
})

test('finding one message among 1,024 takes at most two transactions a halving', async () => {
  await using db = await inboxDatabase()
  const many = Array.from({ length: 1_024 }, (_, index) => foreign(index))
  const seen: string[][] = []
  await apply(db.pool, batchOf(many), { handler: failsFor(['foreign 700'], seen) })
  expect(seen.length).toBeLessThanOrEqual(1 + 2 * 10 + 2)
})

test('a dead letter that was delivered again is not kept twice', async () => {
  await using db = await inboxDatabase()
  await apply(db.pool, batchOf([relayed(0, 1)]), { handler: failsFor(['0/1.1']) })
  expect(await apply(db.pool, batchOf([relayed(1, 1)]))).toMatchObject({ duplicates: 1, applied: 0 })
  expect(await listDeadLetters(db.pool)).toHaveLength(1)
})

test('headers, key and value of a dead letter are kept as they were, NUL included', async () => {
  await using db = await inboxDatabase()
  const headers = { a: 'nul \0 in it', 'outbox-place': 'no\0place', 'outbox-message-id': '\0' }
  const message = { ...foreign(0), key: Buffer.from([0, 1]), value: null, headers }
  await apply(db.pool, batchOf([message]), {
    handler: async () => {
      throw new Error('with \0 in it')
    },
  })
  const { rows } = await db.pool.query(
    'select key, value, headers::text, published_at, message_id from inbox.dead_letter',
  )
  expect(rows).toEqual([
    {
      key: message.key,
      value: null,
      headers: JSON.stringify(headers),
      published_at: new Date(1_700_000_000_000),
      message_id: '',
    },
  ])
})

test.each([
  ['a constraint', 'insert into checked values (0)', 'violates check constraint'],
  ['a constraint checked at the commit', 'insert into deferred values (1), (1)', 'duplicate key'],
])('%s fails the message', async (_name, statement, reason) => {
  await using db = await inboxDatabase()
  await db.pool.query('create table checked (n int check (n > 0))')
  await db.pool.query('create table deferred (n int unique deferrable initially deferred)')
  await apply(db.pool, batchOf([foreign(0)]), { handler: async (tx) => void (await tx.query(statement)) })
  expect((await listDeadLetters(db.pool))[0]?.reason).toContain(reason)
})

test('a handler that swallows the error of a statement fails, instead of moving on without its effects', async () => {
  await using db = await inboxDatabase()
  await apply(db.pool, batchOf([foreign(0)]), {
    handler: async (tx) => void (await tx.query('select 1/0').catch(() => {})),
  })
  expect((await listDeadLetters(db.pool))[0]?.reason).toContain('swallowed')
})

test('with no room for a dead letter, what stands before the failing message takes effect, and the message holds what is behind it', async () => {
  await using db = await inboxDatabase()
  const bound = { full: vi.fn<() => Error | undefined>(() => new Error('no room')), added: vi.fn() }
  const seen: string[][] = []
  const logger = { ...silent, error: vi.fn() }
  const options = { handler: failsFor(['foreign 2', 'foreign 4'], seen), deadLetters: bound, logger }
  const applied = await apply(db.pool, batchOf([0, 1, 2, 3, 4].map((offset) => foreign(offset))), options)
  expect(applied).toEqual({ nextOffset: 2n, applied: 2, duplicates: 0, deadLettered: 0 })
  expect(logger.error).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({
      offset: '2',
      err: expect.objectContaining({ causeIsPrivate: true, cause: new Error("can't take foreign 2") }),
    }),
    expect.stringContaining('holds its partition'),
  )
  const rest = batchOf([2, 3, 4].map((offset) => foreign(offset)))
  seen.splice(0)
  await expect(apply(db.pool, rest, options)).rejects.toThrow('no room')
  expect(seen.filter(([first]) => first === 'foreign 2')).toHaveLength(2)
  expect(await listDeadLetters(db.pool)).toEqual([])
  expect(await effects(db.pool)).toEqual(['foreign 0', 'foreign 1'])

  bound.full.mockImplementation(() => (bound.added.mock.calls.length > 0 ? new Error('no room') : undefined))
  expect(await apply(db.pool, rest, options)).toEqual({ nextOffset: 4n, applied: 1, duplicates: 0, deadLettered: 1 })
  expect(bound.added).toHaveBeenCalledExactlyOnceWith(1)
  expect(await effects(db.pool)).toEqual(['foreign 0', 'foreign 1', 'foreign 3'])
  expect(await listDeadLetters(db.pool)).toMatchObject([{ offset: 2n, attempts: 3 }])
  expect(await nextOffset(db.pool, { group: 'a', topic: 'events', partition: 0 })).toBe(4n)
})

test('an abort between two attempts leaves the message to the next member', async () => {
  await using db = await inboxDatabase()
  const lost = new AbortController()
  const batch = batchOf([foreign(0), foreign(1), foreign(2)], { signal: lost.signal })
  const handler = failsFor(['foreign 1'])
  const waitMs = () => {
    lost.abort()
    return 60_000
  }
  const applied = await apply(db.pool, batch, { handler, retry: { maxAttempts: 9, waitMs } })
  expect(applied).toEqual({ nextOffset: 1n, applied: 1, duplicates: 0, deadLettered: 0 })
  expect(await nextOffset(db.pool, { group: 'a', topic: 'events', partition: 0 })).toBe(1n)
  expect(await listDeadLetters(db.pool)).toEqual([])
})

test('what happens to a message that fails is logged with its offset', async () => {
  await using db = await inboxDatabase()
  const logger = { ...silent, warn: vi.fn(), error: vi.fn() }
  await apply(db.pool, batchOf([foreign(0)]), { handler: failsFor(['foreign 0']), logger })
  expect(logger.warn).toHaveBeenCalledTimes(2)
  expect(logger.error).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ group: 'a', topic: 'events', partition: 0, offset: '0', attempts: 3 }),
    expect.stringContaining('dead letter'),
  )
})
