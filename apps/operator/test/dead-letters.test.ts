import { expect, test } from 'vitest'
import { type OperatedDatabase, operatedDatabase } from './run-operator.ts'

const left = async ({ pool }: OperatedDatabase) =>
  (await pool.query('select id from outbox.dead_letter order by id')).rows.map(({ id }) => Number(id))

const due = async ({ pool }: OperatedDatabase) =>
  (await pool.query('select id from outbox.dead_letter where next_attempt_at <= now() order by id')).rows.map(
    ({ id }) => Number(id),
  )

/** Messages that the handler of `group-a` failed. */
const failInGroup = async ({ pool }: OperatedDatabase, offsets: number[]) => {
  await pool.query(
    `insert into inbox.dead_letter (group_name, topic, partition, kafka_offset, value, headers, published_at, reason, attempts, first_failed_at)
     select 'group-a', 'shared-events', 4, kafka_offset, 'value', '{}', now(), 'the handler said no', 5, now()
     from unnest($1::bigint[]) as failed (kafka_offset)`,
    [offsets],
  )
}

test('list shows a line for each, and filters', async () => {
  await using db = await operatedDatabase()
  expect((await db.outbox('dead-letters list')).out).toBe('no dead letters\n')
  await db.park(1)
  await db.park(2, { key: 'other\u001b[31m', topic: 'elsewhere', code: 'TOPIC_NOT_ALLOWED', ambiguous: true })
  const { exitCode, out } = await db.outbox('dead-letters list')
  expect(exitCode).toBe(0)
  expect(out.split('\n')).toHaveLength(4)
  expect(out).toMatch(/ 1 .* shared-events .* key .* MESSAGE_TOO_LARGE\n/)
  expect(out).toMatch(/ambiguous +TOPIC_NOT_ALLOWED/)
  expect(out).not.toContain('\u001b')

  const ids = async (options: string) =>
    JSON.parse((await db.outbox(`dead-letters list --json ${options}`)).out).map(({ id }: { id: string }) => id)
  expect(await ids('--topic elsewhere')).toEqual(['2'])
  expect(await ids('--key key')).toEqual(['1'])
  expect(await ids('--code TOPIC_NOT_ALLOWED')).toEqual(['2'])
  expect(await ids('--after 1')).toEqual(['2'])
  expect(await ids('--limit 1')).toEqual(['1'])
  expect(await ids('--older-than 1h')).toEqual([])
  await db.pool.query(`update outbox.dead_letter set parked_at = now() - interval '2 hours' where id = 1`)
  expect(await ids('--older-than 1h')).toEqual(['1'])
})

test('show prints one with its payload, in JSON as base64', async () => {
  await using db = await operatedDatabase()
  await db.park(7, { payload: 'the \u0007payload', headers: { tenant: 'a' } })
  const { out } = await db.outbox('dead-letters show 7')
  expect(out).toContain('the ·payload')
  expect(out).toContain('MESSAGE_TOO_LARGE: it was refused')
  expect(out).toMatch(/Header tenant +a/)
  const json = JSON.parse((await db.outbox('--json dead-letters show 7')).out)
  expect(json).toMatchObject({ id: '7', payload: Buffer.from('the \u0007payload').toString('base64') })
  expect(await db.outbox('dead-letters show 8')).toMatchObject({
    exitCode: 1,
    err: 'outbox: there is no dead letter 8\n',
  })
})

test('requeue makes them due now, whatever their attempts; the relay does the rest', async () => {
  await using db = await operatedDatabase()
  for (const id of [1, 2, 3]) await db.park(id)
  expect((await db.outbox('dead-letters list')).out).toContain('if requeued')
  expect(await db.outbox('dead-letters requeue --all --yes')).toMatchObject({ exitCode: 0, out: 'requeued: 3\n' })
  expect((await db.outbox('dead-letters list')).out).not.toContain('if requeued')
  expect(await due(db)).toEqual([1, 2, 3])
  await db.pool.query('update outbox.dead_letter set resent_id = id + 10 where id < 3')
  expect(JSON.parse((await db.outbox('dead-letters list --json')).out)).toMatchObject([{ id: '3', attempts: 1 }])
})

test('what may be in the topic already is requeued only when it is said so', async () => {
  await using db = await operatedDatabase()
  await db.park(1, { ambiguous: true })
  await db.park(2)
  const first = await db.outbox('dead-letters requeue 1 2')
  expect(first).toMatchObject({ exitCode: 0, out: 'requeued: 1\n' })
  expect(first.err).toContain('1 of them may be in the topic already')
  expect(await due(db)).toEqual([2])
  expect(await db.outbox('dead-letters requeue 1 --ambiguous')).toMatchObject({
    exitCode: 0,
    out: 'requeued: 1\n',
    err: '',
  })
  expect(await due(db)).toEqual([1, 2])
})

test('more than one is changed only when somebody says yes', async () => {
  await using db = await operatedDatabase()
  for (const id of [1, 2, 3]) await db.park(id)
  expect(await db.outbox('dead-letters discard --all')).toMatchObject({ exitCode: 2, out: '' })
  expect(await db.outbox('dead-letters discard --all', 'no')).toMatchObject({ exitCode: 1, out: '' })
  expect(await db.outbox('dead-letters discard --all --dry-run')).toMatchObject({ exitCode: 0, out: 'chosen: 3\n' })
  expect(await left(db)).toEqual([1, 2, 3])
  expect(await db.outbox('dead-letters discard 2')).toMatchObject({ exitCode: 0, out: 'discarded: 1\n' })
  expect(await db.outbox('dead-letters discard --all', 'y')).toMatchObject({ exitCode: 0, out: 'discarded: 2\n' })
  expect(await left(db)).toEqual([])
})

test('those of a group are listed, and requeued by asking the group', async () => {
  await using db = await operatedDatabase()
  await failInGroup(db, [10, 11])
  const { out } = await db.outbox('dead-letters list --group group-a')
  expect(out).toContain('shared-events/4 at 10')
  expect(out).toContain('the handler said no')
  expect((await db.outbox('dead-letters list --group group-b')).out).toBe('no dead letters\n')
  expect(await db.outbox('dead-letters requeue --group group-a --all')).toMatchObject({
    exitCode: 0,
    out: 'requeued: 2\n',
  })
  expect((await db.outbox('dead-letters list --group group-a')).out).toContain('asked for: the handler said no')
  expect(await db.outbox('dead-letters requeue --group group-b --all')).toMatchObject({ exitCode: 1 })
  expect(await db.outbox('dead-letters requeue --group group-a --key k')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('--key is not for the dead letters of a group'),
  })
})

test('those of a group are discarded, more than one only after a yes', async () => {
  await using db = await operatedDatabase()
  await failInGroup(db, [10, 11, 12])
  await db.park(1)
  expect(await db.outbox('dead-letters discard --group group-a 1')).toMatchObject({
    exitCode: 0,
    out: 'discarded: 1\n',
  })
  expect(await db.outbox('dead-letters discard --group group-a --all', 'no')).toMatchObject({ exitCode: 1, out: '' })
  expect(await db.outbox('dead-letters discard --group group-a --all --yes')).toMatchObject({
    exitCode: 0,
    out: 'discarded: 2\n',
  })
  expect(await db.outbox('dead-letters discard --group group-a --all')).toMatchObject({
    exitCode: 1,
    err: 'outbox: group group-a has no such dead letter\n',
  })
  expect((await db.outbox('dead-letters discard --group group-a --key k')).exitCode).toBe(2)
  expect(await left(db)).toEqual([1])
})

test.each([
  ['dead-letters requeue', 'requeue which ones?'],
  ['dead-letters discard', 'discard which ones?'],
  ['dead-letters requeue 1,2', 'An id is a whole number'],
  ['dead-letters list --limit 0', 'Write 1 to 10000'],
  ['dead-letters list --older-than soon', 'Write 90s'],
  ['dead-letters show', "missing required argument 'id'"],
  ['dead-letters lost', "unknown command 'lost'"],
  ['stat', "unknown command 'stat'"],
  ['status --jsn', "unknown option '--jsn'"],
])('%s: one message, exit code 2, nothing changed', async (line, message) => {
  await using db = await operatedDatabase()
  await db.park(1)
  const { exitCode, out, err } = await db.outbox(line)
  expect([exitCode, out]).toEqual([2, ''])
  expect(err).toContain(message)
  expect(err).not.toContain('    at ')
  expect(await left(db)).toEqual([1])
})

test('a connection that is lost in the midst of it: one message, exit code 69, nothing changed', async () => {
  await using db = await operatedDatabase()
  await db.park(1)
  const holder = await db.pool.connect()
  await holder.query('begin')
  await holder.query('select from outbox.dead_letter for update')
  const requeue = db.outbox('dead-letters requeue 1')
  const terminated = `select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'outbox-operator' and datname = current_database() and wait_event_type = 'Lock'`
  await expect.poll(async () => (await db.pool.query(terminated)).rowCount, { timeout: 10_000 }).toBe(1)
  const { exitCode, out, err } = await requeue
  await holder.query('rollback')
  holder.release()
  expect([exitCode, out]).toEqual([69, ''])
  expect(err).toContain('does not answer')
  expect(await due(db)).toEqual([])
})
