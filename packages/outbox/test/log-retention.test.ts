import { expect, test } from 'vitest'
import { appendMessages } from '../src/append-messages.ts'
import { LogRetention } from '../src/log-retention.ts'
import { makeTick } from '../src/make-tick.ts'
import { readLogSize } from '../src/read-log-size.ts'
import { message, type OutboxDatabase, outboxDatabase } from './outbox-database.ts'

/** Ten ids a partition, the first of which holds nine: ids begin with 1. */
const database = () => outboxDatabase(10, 100)

const append = (db: OutboxDatabase, count: number) =>
  db.append(...Array.from({ length: count }, (_, at) => message(`${at}`)))

/** Says of `shards` that all up to the newest tick, made now, is published. */
async function publishAll({ pool }: OutboxDatabase, shards = 'true'): Promise<void> {
  await makeTick(pool)
  await pool.query(`
    update outbox.shard set (position_n, position_id) = (select n, last_id from outbox.tick order by n desc limit 1)
    where ${shards}`)
}

const retained = ({ pool }: OutboxDatabase, retention = '1ms') => new LogRetention({ db: pool, retention })

/** What two rounds drop: the first one sets the bars. */
async function dropped(retention: LogRetention): Promise<string[]> {
  return [...(await retention.apply()), ...(await retention.apply())]
}

/** Round after round, until it is just these: other tests' transactions are in the same cluster, and may be below a bar. */
async function untilDropped(retentions: LogRetention | LogRetention[], names: string[]): Promise<void> {
  const dropped: string[] = []
  const round = async () => {
    const rounds = await Promise.all([retentions].flat().map((retention) => retention.apply()))
    dropped.push(...rounds.flat())
    return dropped
  }
  await expect.poll(round, { timeout: 60_000 }).toEqual(names)
}

const count = async ({ pool }: OutboxDatabase) =>
  (await pool.query('select count(*)::int as count from outbox.message')).rows[0]?.count

test('full partitions whose messages are all old and published go, on an idle log too; the rest stays', async () => {
  await using db = await database()
  await append(db, 25)
  await publishAll(db)
  const before = await readLogSize(db.pool)
  expect(await dropped(retained(db, '1h'))).toEqual([])
  await untilDropped(retained(db), ['message_0', 'message_10'])
  expect(await count(db)).toBe(6)
  const after = await readLogSize(db.pool)
  expect(after.partitions).toBe(before.partitions - 2)
  expect(after.bytes).toBeLessThan(before.bytes)
  await append(db, 10)
  expect(await count(db)).toBe(16)
})

test('what one shard has not published yet stays, and what is behind it', async () => {
  await using db = await database()
  await append(db, 15)
  await publishAll(db)
  await append(db, 15)
  await publishAll(db, 'shard <> 3')
  const retention = retained(db)
  expect(await dropped(retention)).toEqual([])
  await publishAll(db)
  await untilDropped(retention, ['message_0', 'message_10', 'message_20'])
})

test('a partition in which an open transaction holds an id stays until what it wrote is published', async () => {
  await using db = await database()
  const open = await db.begin()
  await appendMessages(open, [message('late')])
  await append(db, 30)
  await publishAll(db)
  const retention = retained(db)
  expect(await dropped(retention)).toEqual([])
  await open.commit()
  // Every position is behind the partition's end, and the late row isn't published: that alone would have lost it.
  expect(await dropped(retention)).toEqual([])
  await publishAll(db)
  await untilDropped(retention, ['message_0', 'message_10', 'message_20'])
})

test('ids that were rolled back keep no partition', async () => {
  await using db = await database()
  const open = await db.begin()
  await appendMessages(
    open,
    Array.from({ length: 20 }, () => message('rolled back')),
  )
  await open.rollback()
  await publishAll(db)
  await untilDropped(retained(db), ['message_0', 'message_10'])
})

test('a detach that somebody holds up is given up after a moment, and finished by a later call', async () => {
  await using db = await database()
  await append(db, 15)
  await publishAll(db)
  const retention = retained(db)
  const reader = await db.begin()
  await reader.query('select count(*) from outbox.message')
  const round = () => retention.apply().catch(({ code }) => code)
  await expect.poll(round, { timeout: 60_000 }).toBe('55P03')
  // Nobody is held up by it.
  await append(db, 5)
  await reader.rollback()
  await expect.poll(() => retention.apply()).toEqual(['message_0'])
})

test('several at once: each partition goes once, and none of them fails', async () => {
  await using db = await database()
  await append(db, 45)
  await publishAll(db)
  const relays = [1, 2, 3].map(() => retained(db))
  await untilDropped(relays, ['message_0', 'message_10', 'message_20', 'message_30'])
})

test.each(['90s', '30m', '72h', '7d'])('a retention of %s is kept, and not more', async (retention) => {
  await using db = await database()
  await append(db, 25)
  await publishAll(db)
  const age = (ids: string, share: number) =>
    db.pool.query(`update outbox.message set created_at = now() - $1::interval * ${share} where ${ids}`, [retention])
  await age('true', 0.5)
  await age('id < 10', 1.5)
  await untilDropped(retained(db, retention), ['message_0'])
})
