import { appendMessages } from '@outbox/outbox/append-messages'
import { claimShards } from '@outbox/outbox/claim-shards'
import { makeTick } from '@outbox/outbox/make-tick'
import { makeRelayName } from '@outbox/outbox/relay-name'
import { expect, test } from 'vitest'
import { type OperatedDatabase, operatedDatabase } from './run-operator.ts'

/** Three messages are published, and two aren't. */
async function restoredLog(): Promise<OperatedDatabase> {
  const db = await operatedDatabase()
  const append = (count: number) =>
    appendMessages(
      db.pool,
      Array.from({ length: count }, (_, at) => ({ topic: 'shared-events', payload: `${at}` })),
    )
  await append(3)
  await makeTick(db.pool)
  await db.pool.query(
    'update outbox.shard set (position_n, position_id) = (select n, last_id from outbox.tick order by n desc limit 1)',
  )
  await append(2)
  // A dump brings rows with their values; the transaction that wrote them anew is another one.
  await db.pool.query(
    'create table dumped as table outbox.tick; truncate outbox.tick; insert into outbox.tick table dumped',
  )
  return db
}

const xids = async ({ pool }: OperatedDatabase) =>
  (await pool.query('select distinct xid from outbox.message order by xid')).rows.map(({ xid }) => xid)

test('adopt says what it would do, asks, does it, and then has nothing to do', async () => {
  await using db = await restoredLog()
  const before = await xids(db)
  const dry = await db.outbox('adopt --dry-run')
  expect(dry).toMatchObject({ exitCode: 0, err: '' })
  expect(dry.out).toMatch(/^to be adopted\n {2}Published +3\n {2}To be published +2, of which 0 may be/)
  expect(await db.outbox('adopt')).toMatchObject({ exitCode: 2, out: '' })
  const no = await db.outbox('adopt', 'no')
  expect(no).toMatchObject({ exitCode: 1, out: '' })
  expect(no.err).toContain('3 messages are published, 2 are to be. Rewrite all rows of the log')
  expect(await xids(db)).toEqual(before)
  const yes = await db.outbox('adopt', 'yes')
  expect(yes).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^adopted: relays may be started\n/) })
  expect(await xids(db)).toEqual(['3', expect.any(String)])
  expect(await db.outbox('adopt --yes')).toMatchObject({
    exitCode: 0,
    out: 'nothing to adopt: the log was written in this cluster\n',
  })
})

test('doctor says that a restored log must be adopted, until it is', async () => {
  await using db = await restoredLog()
  const origin = async () =>
    (JSON.parse((await db.outbox('doctor --json')).out) as { findings: { check: string }[] }).findings.find(
      ({ check }) => check === 'origin',
    )
  expect(await origin()).toMatchObject({ level: 'wrong', remedy: expect.stringContaining('outbox adopt') })
  await db.outbox('adopt --yes')
  expect(await origin()).toMatchObject({ level: 'ok' })
})

test('with --json it is one document', async () => {
  await using db = await restoredLog()
  const counts = { published: 3, unpublished: 2, begun: 0 }
  expect(JSON.parse((await db.outbox('adopt --dry-run --json')).out)).toEqual({ adopted: false, ...counts })
  expect(JSON.parse((await db.outbox('adopt --yes --json')).out)).toEqual({ adopted: true, ...counts })
  expect(JSON.parse((await db.outbox('adopt --yes --json')).out)).toEqual({ adopted: false })
})

test('it waits for nobody for long: a running relay is named, and so is an open transaction', async () => {
  await using db = await restoredLog()
  const before = await xids(db)
  const open = await db.pool.connect()
  await open.query('begin')
  await appendMessages(open, [{ topic: 'shared-events', payload: 'open' }])
  const waited = await db.outbox('adopt --yes')
  expect(waited).toMatchObject({ exitCode: 1, out: '' })
  expect(waited.err).toContain('keeps the transaction open (see outbox status); nothing was changed')
  await open.query('rollback')
  open.release()
  await claimShards(db.pool, { relay: makeRelayName('relay-7'), leaseMs: 60_000, entering: true })
  const refused = await db.outbox('adopt --yes')
  expect(refused).toMatchObject({ exitCode: 1, out: '' })
  expect(refused.err).toContain('relays are running: relay-7; stop them')
  expect(await xids(db)).toEqual(before)
})
