import { freshDatabase } from '@outbox/local-stack/fresh-database'
import { SecretMarks } from '@outbox/local-stack/secret-marks'
import { expect, test } from 'vitest'
import { loggedError } from '../src/logged-error.ts'
import { reasonOf } from '../src/reason-of.ts'

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

test('an error is shown by its class, its words, the fields that name things, and where it was thrown', () => {
  const cause = Object.assign(new TypeError('inner'), { code: 'ECONNREFUSED', port: 5432, secret: 'x' })
  expect(loggedError(new Error('outer', { cause }))).toEqual({
    type: 'Error',
    message: 'outer',
    cause: {
      type: 'TypeError',
      message: 'inner',
      code: 'ECONNREFUSED',
      port: 5432,
      stack: expect.stringMatching(/^at .*logged-error\.test\.ts:\d+:\d+/),
    },
  })
  expect(loggedError('text')).toEqual({ type: 'string' })
  expect(loggedError(null)).toEqual({ type: 'null' })
})

test('what may quote its input does not, and its length is bounded', () => {
  const marks = new SecretMarks()
  const mark = marks.mark('a value')
  const url = `postgres://user:${mark}@host/database`
  const errors = [
    thrownBy(() => JSON.parse(mark)),
    thrownBy(() => BigInt(mark)),
    thrownBy(() => Buffer.alloc(mark as unknown as number)),
    thrownBy(() => new URL(`//${url}`)),
    Object.assign(new Error(`Failed query: select $1\nparams: ${mark}`, { cause: new Error('gone') }), {
      params: [mark],
    }),
    new Error(`could not connect to ${url}`),
    Object.assign(new Error('x'), { detail: mark, query: mark, client: { password: mark }, config: { url } }),
  ]
  for (const error of errors) {
    expect(loggedError(error)).toMatchObject({ type: expect.any(String), message: expect.stringMatching(/./) })
    expect(marks.foundIn(JSON.stringify(loggedError(error)))).toEqual([])
  }
  const long = Object.assign(new Error(`${'x'.repeat(1e6)}\n`.repeat(2)), { code: 'y'.repeat(1e6) })
  expect(JSON.stringify(loggedError(long)).length).toBeLessThan(5_000)
  expect(reasonOf(new Error('two\n  lines'))).toBe('two lines')
})

test('of a private cause nothing is shown but its class, its code and where it was thrown, however deep', () => {
  const marks = new SecretMarks()
  const mark = marks.mark('a value')
  const fields = { name: mark, code: mark, topic: mark, partition: mark }
  const frames = `${mark}\n    at ${mark} (${mark}:1:1)`
  const inner = Object.assign(new RangeError(frames), fields)
  const cause = Object.assign(new TypeError(mark, { cause: inner }), fields)
  const error = Object.assign(new Error('the handler failed', { cause }), { causeIsPrivate: true })
  expect(loggedError(error)).toEqual({
    type: 'Error',
    message: 'the handler failed',
    cause: { type: 'TypeError', cause: { type: 'RangeError', stack: expect.stringMatching(/^at .*logged-error/) } },
  })
  const thrown = Object.assign(new Error('the handler failed', { cause: { mark } }), { causeIsPrivate: true })
  expect(loggedError(thrown)).toMatchObject({ cause: { type: 'object' } })
  const ofNode = thrownBy(() => Buffer.alloc(mark as unknown as number))
  const known = Object.assign(new Error('the handler failed', { cause: ofNode }), { causeIsPrivate: true })
  expect(loggedError(known)).toMatchObject({ cause: { type: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' } })
})

test("PostgreSQL's words are shown where they name things, not where they quote values; detail and hint never", async () => {
  const marks = new SecretMarks()
  const mark = marks.mark('a value')
  await using db = await freshDatabase((pool) => pool.query('create table kept (key text primary key, n int not null)'))
  const failure = (text: string, values: unknown[] = []) =>
    db.pool.query(text, values).then(() => undefined, loggedError)
  const insert = 'insert into kept values ($1, 1), ($1, 1)'
  expect(await failure(insert, [mark])).toMatchObject({
    type: 'DatabaseError',
    message: 'duplicate key value violates unique constraint "kept_pkey"',
    code: '23505',
    table: 'kept',
    constraint: 'kept_pkey',
  })
  expect(await failure('select 1 from nowhere')).toMatchObject({ message: 'relation "nowhere" does not exist' })
  for (const [text, code] of [
    ['select $1::int', '22P02'],
    [`do $$ begin raise exception 'no ${mark}'; end $$`, 'P0001'],
    [`do $$ begin raise exception 'no ${mark}' using errcode = '40001'; end $$`, '40001'],
    [`do $$ begin execute 'select ${mark}'; end $$`, '42703'],
    ['insert into kept values ($1, null)', '23502'],
  ]) {
    const shown = await failure(text ?? '', text?.includes('$1') ? [mark] : [])
    expect(shown).toMatchObject({ code, message: expect.stringMatching(/./) })
    expect(marks.foundIn(JSON.stringify(shown)), text).toEqual([])
  }
})

test('an address that has several says why each failed', () => {
  const error = new AggregateError([
    new Error('connect ECONNREFUSED ::1:1'),
    new Error('connect ECONNREFUSED 127.0.0.1:1'),
  ])
  expect(reasonOf(error)).toBe('connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1')
})
