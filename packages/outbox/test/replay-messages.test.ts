import { expect, test } from 'vitest'
import { appendMessages, originalIdHeader } from '../src/append-messages.ts'
import { makeTick } from '../src/make-tick.ts'
import { planReplay, type ReplayChoice } from '../src/plan-replay.ts'
import { type ReplayOptions, type ReplayProgress, replayMessages } from '../src/replay-messages.ts'
import { message, type OutboxDatabase, outboxDatabase } from './outbox-database.ts'

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `${from + at}`)

const append = (db: OutboxDatabase, from: number, to: number) =>
  db.append(...numbered(from, to).map((payload) => message(payload, `key ${Number(payload) % 3}`)))

/** Says of `shards` that all up to the newest tick, made now, is published. */
async function publishAll({ pool }: OutboxDatabase, shards = 'true'): Promise<void> {
  await makeTick(pool)
  await pool.query(`
    update outbox.shard set (position_n, position_id) = (select n, last_id from outbox.tick order by n desc limit 1)
    where ${shards}`)
}

async function replay(db: OutboxDatabase, choice: ReplayChoice, options: Partial<ReplayOptions> = {}) {
  const plan = await planReplay(db.pool, choice)
  const signal = new AbortController().signal
  return { plan, ...(await replayMessages(db.pool, plan, { rate: 100_000, signal, onProgress: () => {}, ...options })) }
}

/** What was sent again, in the order of the log. */
async function sentAgain({ pool }: OutboxDatabase): Promise<{ payload: string; original: string }[]> {
  const { rows } = await pool.query(`
    select convert_from(payload, 'utf8') as payload, headers ->> '${originalIdHeader}' as original
    from outbox.message where headers ->> '${originalIdHeader}' is not null order by id`)
  return rows
}

const payloads = async (db: OutboxDatabase) => (await sentAgain(db)).map(({ payload }) => payload)

test('messages go again in their order, over gaps and the borders of partitions, under their first ids', async () => {
  await using db = await outboxDatabase(1_000, 30_000)
  const ids = await append(db, 1, 250)
  await db.pool.query(`select setval('outbox.message_id_seq', 24900)`)
  ids.push(...(await append(db, 251, 400)))
  await publishAll(db)
  const { plan, replayed, upToId } = await replay(db, { fromId: 1n }, { maxBytes: 100 })
  expect({ chosen: plan.chosen, replayed, upToId }).toEqual({ chosen: 400, replayed: 400, upToId: plan.endId })
  expect(await sentAgain(db)).toEqual(numbered(1, 400).map((payload, at) => ({ payload, original: ids[at] })))
})

test('each filter chooses, and what is sent again once more keeps its first id', async () => {
  await using db = await outboxDatabase()
  const ids = await append(db, 1, 9)
  await db.append({ topic: 'elsewhere', key: 'key 1', payload: '10', headers: { tenant: 'a' } })
  await publishAll(db)
  await db.pool.query(
    `update outbox.message set created_at = '2026-01-01T00:00:00Z'::timestamptz + id * interval '1 hour'`,
  )
  const chosen = async (choice: ReplayChoice) => (await planReplay(db.pool, choice)).chosen
  expect(await chosen({ topic: 'elsewhere' })).toBe(1)
  expect(await chosen({ key: 'key 1' })).toBe(4)
  expect(await chosen({ fromId: 4n, toId: 6n })).toBe(3)
  expect(await chosen({ since: new Date('2026-01-01T03:00Z'), until: new Date('2026-01-01T07:00Z') })).toBe(4)
  expect(await chosen({ fromId: 11n })).toBe(0)
  await replay(db, { toId: 2n })
  await publishAll(db)
  const again = await replay(db, { fromId: 12n })
  expect(again.plan).toMatchObject({ chosen: 1, sentBefore: 1 })
  expect(await sentAgain(db)).toEqual([
    { payload: '1', original: ids[0] },
    { payload: '2', original: ids[1] },
    { payload: '2', original: ids[1] },
  ])
  await replay(db, { topic: 'elsewhere' })
  const { rows } = await db.pool.query('select topic, key, headers from outbox.message order by id desc limit 1')
  expect(rows).toEqual([
    { topic: 'elsewhere', key: 'key 1', headers: { tenant: 'a', [originalIdHeader]: expect.any(String) } },
  ])
})

test('what is chosen is fixed at the start: neither its own rows nor what comes meanwhile', async () => {
  await using db = await outboxDatabase()
  await append(db, 1, 60)
  await publishAll(db)
  await append(db, 61, 70)
  const plan = await planReplay(db.pool, { fromId: 1n })
  expect(plan).toMatchObject({ chosen: 60, unpublished: 10, endId: 70n })
  const onProgress = async () => {
    await append(db, 71, 71)
    await publishAll(db)
  }
  const meanwhile: Promise<void>[] = []
  const signal = new AbortController().signal
  await replayMessages(db.pool, plan, { rate: 40, signal, onProgress: () => meanwhile.push(onProgress()) })
  await Promise.all(meanwhile)
  expect(await payloads(db)).toEqual(numbered(1, 60))
})

test('what is not published yet is left out, shard by shard, and what commits late with it', async () => {
  await using db = await outboxDatabase()
  const late = await db.begin()
  await appendMessages(late, [message('late', 'late')])
  await append(db, 1, 30)
  await publishAll(db)
  expect(await planReplay(db.pool, { fromId: 1n })).toMatchObject({ chosen: 30, unpublished: 0, openWriters: 1 })
  await late.commit()
  expect(await planReplay(db.pool, { fromId: 1n })).toMatchObject({ chosen: 30, unpublished: 1, openWriters: 0 })
  await append(db, 31, 60)
  const shardOf = `(select (hashtextextended('key 1', 0) & 15)::int)`
  await publishAll(db, `shard = ${shardOf}`)
  const { plan } = await replay(db, { fromId: 1n })
  expect(plan).toMatchObject({ chosen: 40, unpublished: 21 })
  const expected = [...numbered(1, 30), ...numbered(31, 60).filter((n) => Number(n) % 3 === 1)]
  expect(await payloads(db)).toEqual(expected)
})

test('a batch of which a part is published is replayed as far as that', async () => {
  await using db = await outboxDatabase()
  await append(db, 1, 20)
  await makeTick(db.pool)
  await db.pool.query('update outbox.shard set position_n = (select max(n) from outbox.tick), position_id = 13')
  await replay(db, { fromId: 1n })
  expect(await payloads(db)).toEqual(numbered(1, 13))
})

test('a dead letter is left out: it will be sent when its cause is mended', async () => {
  await using db = await outboxDatabase()
  await append(db, 1, 3)
  await publishAll(db)
  await db.pool.query(`
    insert into outbox.dead_letter (id, n, shard, message_id, topic, payload, code, reason, ambiguous, first_id, attempts, holds)
    select id, 1, 0, message_id, topic, payload, 'MESSAGE_TOO_LARGE', 'too large', false, id, 1, false
    from outbox.message where id = 2`)
  const { plan } = await replay(db, { fromId: 1n })
  expect(plan).toMatchObject({ chosen: 2, parked: 1 })
  expect(await payloads(db)).toEqual(['1', '3'])
})

test('stopped between two batches it says how far it is, and another one goes on from there', async () => {
  await using db = await outboxDatabase()
  await append(db, 1, 50)
  await publishAll(db)
  const stop = new AbortController()
  const steps: ReplayProgress[] = []
  const onProgress = (progress: ReplayProgress) => {
    steps.push(progress)
    if (steps.length === 3) stop.abort()
  }
  const first = await replay(db, { fromId: 1n }, { rate: 40, signal: stop.signal, onProgress })
  expect(first).toMatchObject({ replayed: 30, upToId: 30n })
  expect(steps.map(({ replayed }) => replayed)).toEqual([10, 20, 30])
  await replay(db, { fromId: first.upToId + 1n, toId: first.plan.endId })
  expect(await payloads(db)).toEqual(numbered(1, 50))
})

test('where a position has lost its tick nobody can tell what is published, and that is said', async () => {
  await using db = await outboxDatabase()
  await db.pool.query('update outbox.shard set position_n = position_n + 1 where shard = 3')
  await expect(planReplay(db.pool, { fromId: 1n })).rejects.toMatchObject({
    code: 'OUTBOX_POSITIONS_BROKEN',
    message: expect.stringContaining('Only 15 of the 16 shards'),
  })
})

test('a batch that fails is rolled back as a whole', async () => {
  await using db = await outboxDatabase()
  await append(db, 1, 30)
  await publishAll(db)
  await db.pool.query(`alter table outbox.message add check (payload <> '15' or id <= 30)`)
  const steps: ReplayProgress[] = []
  const failing = replay(db, { fromId: 1n }, { rate: 40, onProgress: (progress) => steps.push(progress) })
  await expect(failing).rejects.toMatchObject({ code: '23514' })
  expect(steps).toEqual([{ replayed: 10, upToId: 10n }])
  expect(await payloads(db)).toEqual(numbered(1, 10))
})

test('a connection that is lost in the commit leaves a doubt, and the error tells how to settle it', async () => {
  await using db = await outboxDatabase()
  const [first] = await append(db, 1, 5)
  await publishAll(db)
  const plan = await planReplay(db.pool, { fromId: 1n })
  await db.pool.query(`
    create function lose_connection() returns trigger language plpgsql as $$
    begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
    create constraint trigger lose_connection after insert on outbox.message deferrable initially deferred
      for each row execute function lose_connection()`)
  const options = { rate: 1_000, signal: new AbortController().signal, onProgress: () => {} }
  await expect(replayMessages(db.pool, plan, options)).rejects.toMatchObject({
    code: 'OUTBOX_REPLAY_IN_DOUBT',
    message: expect.stringContaining(`a row behind id 5 has the header outbox-original-id ${first}`),
  })
})
