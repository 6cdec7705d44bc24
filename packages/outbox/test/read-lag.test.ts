import { expect, test } from 'vitest'
import { appendMessages } from '../src/append-messages.ts'
import { makeTick } from '../src/make-tick.ts'
import { readLag } from '../src/read-lag.ts'
import { message, outboxDatabase } from './outbox-database.ts'

test('an empty log and one that is published have no lag', async () => {
  await using db = await outboxDatabase()
  expect(await readLag(db.pool)).toEqual({ messages: 0n, oldestSeconds: 0 })
  await db.append(message('one'))
  const tick = await makeTick(db.pool)
  await db.pool.query('update outbox.shard set position_n = $1, position_id = $2', [tick?.n, tick?.lastId])
  expect(await readLag(db.pool)).toEqual({ messages: 0n, oldestSeconds: 0 })
})

test('the lag is that of the slowest shard', async () => {
  await using db = await outboxDatabase()
  await db.append(message('one'), message('two'), message('three'))
  await db.pool.query(`update outbox.message set created_at = now() - interval '90 s' where id = 2`)
  const tick = await makeTick(db.pool)
  await db.pool.query('update outbox.shard set position_n = $1, position_id = 3', [tick?.n])
  await db.pool.query('update outbox.shard set position_id = 1 where shard = 4')
  const lag = await readLag(db.pool)
  expect(lag.messages).toBe(2n)
  expect(lag.oldestSeconds).toBeGreaterThanOrEqual(90)
})

test('within the late rows of a batch, only what is new is behind', async () => {
  await using db = await outboxDatabase()
  const late = await db.begin()
  await appendMessages(late, [message('1'), message('2'), message('3')])
  await db.append(message('4'))
  await makeTick(db.pool)
  await late.commit()
  await db.append(message('5'))
  const tick = await makeTick(db.pool)
  await db.pool.query('update outbox.shard set position_n = $1, position_id = 2', [tick?.n])
  expect(await readLag(db.pool)).toMatchObject({ messages: 1n })
})
