import { expect, test } from 'vitest'
import { appendMessages } from '../src/append-messages.ts'
import { makeTick } from '../src/make-tick.ts'
import { readWindow } from '../src/read-window.ts'
import { message, type OpenTransaction, outboxDatabase, payloads, readBatch } from './outbox-database.ts'

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `${from + at}`)

test('a batch is read by windows across partitions, in order, and the same again', async () => {
  await using db = await outboxDatabase(100, 1_000)
  await db.append(...numbered(0, 750).map((payload) => message(payload)))
  const tick = await makeTick(db.pool)
  for (const windowIds of [1_000, 99, 100]) {
    expect(payloads(await readBatch(db, tick, { windowIds }))).toEqual(numbered(0, 750))
  }
})

test('a window ends where it was asked to, and tells when it is the last', async () => {
  await using db = await outboxDatabase()
  await db.append(...numbered(0, 25).map((payload) => message(payload)))
  const tick = await makeTick(db.pool)
  if (tick === undefined) throw new Error('no tick')
  const read = (afterId: bigint) => readWindow(db.pool, { tick, afterId, shards: 'all', windowIds: 10 })
  expect(await read(0n)).toMatchObject({ endId: 10n, last: false })
  expect(await read(10n)).toMatchObject({ endId: 20n, last: false })
  expect(await read(20n)).toMatchObject({ endId: 25n, last: true })
})

test('a gap of rolled back ids is stepped over instead of read window by window', async () => {
  await using db = await outboxDatabase(100_000, 100_000)
  await db.append(message('before'))
  await db.pool.query(`select nextval('outbox.message_id_seq') from generate_series(1, 50000)`)
  await db.append(message('behind'))
  const tick = await makeTick(db.pool)
  if (tick === undefined) throw new Error('no tick')
  const windows = []
  for (let afterId = 0n, last = false; !last; ) {
    const window = await readWindow(db.pool, { tick, afterId, shards: 'all', windowIds: 10 })
    windows.push(...payloads(window.messages))
    if (window.messages.length === 0) windows.push('gap')
    afterId = window.endId
    last = window.last
  }
  expect(windows.filter((read) => read !== 'gap')).toEqual(['before', 'behind'])
  expect(windows.length).toBeLessThan(60)
})

test('payloads bound a window: one cut in the midst goes on where it ended', async () => {
  await using db = await outboxDatabase()
  await db.append(...numbered(0, 30).map((at) => message(`${at} ${'x'.repeat(10_000)}`)))
  const tick = await makeTick(db.pool)
  if (tick === undefined) throw new Error('no tick')
  const first = await readWindow(db.pool, { tick, afterId: 0n, shards: 'all', windowIds: 100, maxBytes: 45_000 })
  expect(first).toMatchObject({ endId: 5n, last: false })
  expect(first.messages).toHaveLength(5)
  const read = await readBatch(db, tick, { windowIds: 100, maxBytes: 45_000 })
  expect(read.map(({ id }) => id)).toEqual(numbered(1, 31).map(BigInt))
  expect(await readBatch(db, tick, { windowIds: 100, maxBytes: 1 })).toEqual(read)
})

test('late rows of several transactions come first, in order of ids, by bounded windows', async () => {
  await using db = await outboxDatabase(100, 2_000)
  const late: OpenTransaction[] = [await db.begin(), await db.begin(), await db.begin()]
  for (const from of [0, 100, 200]) {
    for (const [at, tx] of late.entries()) {
      await appendMessages(
        tx,
        numbered(from, from + 70).map((payload) => message(`late ${at} ${payload}`)),
      )
    }
  }
  await db.append(message('early'))
  await makeTick(db.pool)
  for (const tx of late) await tx.commit()
  await db.append(message('new'))
  const tick = await makeTick(db.pool)
  const whole = await readBatch(db, tick, { windowIds: 10_000 })
  expect(whole).toHaveLength(631)
  expect(payloads(whole).at(-1)).toBe('new')
  expect(whole.map(({ id }) => id)).toEqual(whole.map(({ id }) => id).toSorted((a, b) => (a < b ? -1 : 1)))
  for (const bounds of [{ windowIds: 7 }, { windowIds: 100 }, { windowIds: 10_000, maxBytes: 100 }]) {
    expect(await readBatch(db, tick, bounds)).toEqual(whole)
  }
})

test('a relay reads only the shards it owns, and together all read all', async () => {
  await using db = await outboxDatabase()
  const late = await db.begin()
  await appendMessages(
    late,
    numbered(0, 100).map((key) => message(`late ${key}`, key)),
  )
  await db.append(
    ...numbered(0, 200).map((key) => message(key, key)),
    ...numbered(200, 300).map((payload) => message(payload, null)),
  )
  await makeTick(db.pool)
  await late.commit()
  await db.append(...numbered(300, 400).map((key) => message(key, key)))
  const tick = await makeTick(db.pool)
  const all = await readBatch(db, tick)
  const [few, many] = [
    [0, 3, 11],
    [1, 2, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15],
  ]
  const parts = await Promise.all([few, many].map((shards) => readBatch(db, tick, { shards, windowIds: 20 })))
  expect(parts[0]?.every(({ shard }) => few?.includes(shard))).toBe(true)
  expect(parts.flat().toSorted((a, b) => Number(a.id - b.id))).toEqual(all)
})

test('a rolled back savepoint and a rolled back transaction leave nothing to read', async () => {
  await using db = await outboxDatabase()
  const rolledBack = await db.begin()
  await appendMessages(rolledBack, [message('rolled back')])
  const partly = await db.begin()
  await partly.query('savepoint one')
  await appendMessages(partly, [message('undone')])
  await partly.query('rollback to one')
  await partly.query('savepoint two')
  await appendMessages(partly, [message('kept')])
  await partly.query('release two')
  await db.append(message('early'))
  expect(payloads(await readBatch(db, await makeTick(db.pool)))).toEqual(['early'])
  await rolledBack.rollback()
  expect(await makeTick(db.pool)).toBeUndefined()
  await partly.commit()
  expect(payloads(await readBatch(db, await makeTick(db.pool)))).toEqual(['kept'])
})

test.each([{ windowIds: 0 }, { windowIds: 1.5 }, { maxBytes: 0 }])(
  'bounds that bound nothing are refused: %o',
  async (bounds) => {
    await using db = await outboxDatabase()
    await db.append(message('one'))
    await expect(readBatch(db, await makeTick(db.pool), bounds)).rejects.toThrow(RangeError)
  },
)
