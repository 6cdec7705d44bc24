import { appendMessages } from '@outbox/outbox/append-messages'
import { makeTick } from '@outbox/outbox/make-tick'
import { expect, test } from 'vitest'
import { type OperatedDatabase, operatedDatabase } from './run-operator.ts'

/** A log with `count` published messages, and one that isn't published. */
async function publishedLog(count: number): Promise<OperatedDatabase> {
  const db = await operatedDatabase()
  const message = (payload: string) => ({ topic: 'shared-events', key: "it's a key", payload })
  await appendMessages(
    db.pool,
    Array.from({ length: count }, (_, at) => message(`${at + 1}`)),
  )
  await makeTick(db.pool)
  await db.pool.query(
    'update outbox.shard set (position_n, position_id) = (select n, last_id from outbox.tick order by n desc limit 1)',
  )
  await appendMessages(db.pool, [message('not published')])
  return db
}

const sentAgain = async ({ pool }: OperatedDatabase) =>
  (
    await pool.query(`select payload from outbox.message where headers ->> 'outbox-original-id' <> '' order by id`)
  ).rows.map(({ payload }) => Number(payload))

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1)

test('replay says what it is about to do, asks, and does it', async () => {
  await using db = await publishedLog(30)
  const dry = await db.outbox('replay --since 1h --dry-run')
  expect(dry).toMatchObject({ exitCode: 0, out: 'chosen: 30\n' })
  expect(dry.err).toBe(
    'outbox: 30 messages chosen; every consumer group gets them again, behind all that was sent since\n' +
      'outbox: 1 message left out: not published yet\n',
  )
  expect(await db.outbox('replay --since 1h')).toMatchObject({ exitCode: 2, out: '' })
  const no = await db.outbox('replay --since 1h', 'no')
  expect(no).toMatchObject({ exitCode: 1, out: '' })
  expect(no.err).toContain('Send 30 messages again, to every consumer group? [y/N]')
  expect(await sentAgain(db)).toEqual([])
  expect(await db.outbox('replay --since 1h', 'yes')).toMatchObject({ exitCode: 0, out: 'replayed: 30\n' })
  expect(await sentAgain(db)).toEqual(numbers(30))
})

test('with --json it is one document', async () => {
  await using db = await publishedLog(3)
  const { out } = await db.outbox('replay --from-id 2 --yes --json')
  expect(JSON.parse(out)).toEqual({
    fromId: '2',
    toId: '4',
    chosen: 2,
    sentBefore: 0,
    unpublished: 1,
    parked: 0,
    openWriters: 0,
    replayed: 2,
    upToId: '4',
  })
})

test('Ctrl-C stops it between two batches, and the command that it names goes on from there', async () => {
  await using db = await publishedLog(200)
  const ctrlC = new AbortController()
  const running = db.outbox('replay --since 1h --rate 20 --yes', undefined, ctrlC.signal)
  await expect.poll(async () => (await sentAgain(db)).length).toBeGreaterThanOrEqual(10)
  ctrlC.abort()
  const { exitCode, out, err } = await running
  const [, sent] = /^replayed: (\d+)\n$/.exec(out) ?? []
  expect(exitCode).toBe(130)
  expect(await sentAgain(db)).toEqual(numbers(Number(sent)))
  const [, next = ''] = /interrupted; .* To go on: pnpm outbox (.*)\n/.exec(err) ?? []
  expect(next).toMatch(/^replay --since \S+Z --from-id \d+ --to-id 201 --rate 20$/)
  expect(await db.outbox(`${next.replace('--rate 20', '--rate 10000')} --yes`)).toMatchObject({ exitCode: 0 })
  expect(await sentAgain(db)).toEqual(numbers(200))
})

test('a replay that fails says how far it came, and how to go on', async () => {
  await using db = await publishedLog(30)
  await db.pool.query(`
    create function lose_connection() returns trigger language plpgsql as $$
    begin if new.id > 31 + 12 then perform pg_terminate_backend(pg_backend_pid()); end if; return null; end $$;
    create trigger lose_connection after insert on outbox.message for each row execute function lose_connection()`)
  const { exitCode, out, err } = await db.outbox('replay --to-id 30 --rate 20 --yes')
  expect([exitCode, out]).toEqual([69, ''])
  expect(err).toContain('replayed 10 of 30 messages, up to id 10. To go on: pnpm outbox replay --from-id 11 --to-id 30')
  expect(err).toContain('does not answer')
  expect(await sentAgain(db)).toEqual(numbers(10))
})

test.each([
  ['replay', 2, 'replay which ones?'],
  ['replay --since yesterday', 2, 'Write 2026-11-24'],
  ['replay --until 2026-13-01', 2, 'Write 2026-11-24'],
  ['replay --from-id 0', 2, 'An id is a whole number'],
  ['replay --from-id 1 --rate 0', 2, 'Write 1 to 100000'],
  ['replay --topic elsewhere', 1, 'no message is chosen'],
  ['replay --since 2100-01-01', 1, 'no message is chosen'],
])('%s: one message, exit code %i, nothing sent', async (line, code, message) => {
  await using db = await publishedLog(2)
  const { exitCode, out, err } = await db.outbox(line)
  expect([exitCode, out]).toEqual([code, ''])
  expect(err).toContain(message)
  expect(err).not.toContain('    at ')
  expect(await sentAgain(db)).toEqual([])
})
