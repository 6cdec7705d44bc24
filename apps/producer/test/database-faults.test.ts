import type { TcpProxy } from '@outbox/local-stack/tcp-proxy'
import { expect, inject, test } from 'vitest'
import { databaseProxy } from './database-proxy.ts'
import { holdAppends } from './hold-appends.ts'
import { one, type ProducerUnderTest, startProducer } from './producer-under-test.ts'

const notAccepted = { status: 503, body: { type: 'not-accepted' } }

test('a connection lost in COMMIT is answered outcome-unknown, and the same key settles it', async () => {
  await using proxy = await databaseProxy(inject('databaseUrl'))
  await using producer = await startProducer({}, proxy.through)
  const headers = { 'idempotency-key': 'k-1' }
  loseNextCommit(proxy)
  const lost = await producer.post(one(), headers)
  expect(lost).toMatchObject({ status: 500, body: { type: 'outcome-unknown' } })

  await expect.poll(async () => (await producer.post(one(), headers)).status).toBe(202)
  const settled = await producer.post(one(), headers)
  expect((await producer.stored()).map(({ id }) => id)).toEqual(settled.body.ids)
})

test('without a key a connection lost in COMMIT is outcome-unknown, too', async () => {
  await using proxy = await databaseProxy(inject('databaseUrl'))
  await using producer = await startProducer({}, proxy.through)
  loseNextCommit(proxy)
  expect(await producer.post(one())).toMatchObject({ status: 500, body: { type: 'outcome-unknown' } })
  expect(await producer.post(one())).toMatchObject({ status: 202 })
})

test('while the database is away the answer is 503 with Retry-After; then it goes on by itself', async () => {
  await using proxy = await databaseProxy(inject('databaseUrl'))
  await using producer = await startProducer({}, proxy.through)
  expect(await producer.post(one())).toMatchObject({ status: 202 })
  proxy.mode = { kind: 'refuse' }
  proxy.cut()
  const away = await producer.post(one())
  expect(away).toMatchObject(notAccepted)
  expect(away.headers.get('retry-after')).toBe('1')
  proxy.mode = { kind: 'pass' }
  await expect.poll(() => producer.post(one())).toMatchObject({ status: 202 })
  expect(await producer.stored()).toHaveLength(2)
})

test('a log without a partition for new messages is answered 503, a check that refuses them 500', async () => {
  await using producer = await startProducer()
  await producer.database.query('alter table outbox.message add constraint never check (topic is null) not valid')
  expect(await producer.post(one())).toMatchObject({ status: 500, body: { type: 'internal' } })
  const { rows } = await producer.database.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'outbox.message'::regclass`,
  )
  for (const { name } of rows) await producer.database.query(`alter table outbox.message detach partition ${name}`)
  expect(await producer.post(one())).toMatchObject(notAccepted)
  expect(await producer.stored()).toEqual([])
})

test('a backend terminated before COMMIT is answered 503, and nothing was accepted', async () => {
  await using producer = await startProducer()
  await using held = await holdAppends(producer.database)
  const waiting = producer.post(one(), { 'idempotency-key': 'k-1' })
  await expect.poll(() => terminate(producer, "wait_event_type = 'Lock'")).toBe(1)
  expect(await waiting).toMatchObject(notAccepted)
  await held.release()
  expect(await producer.stored()).toEqual([])
  expect(await producer.post(one(), { 'idempotency-key': 'k-1' })).toMatchObject({ status: 202 })
})

test('all backends terminated over and over: each answer keeps its word', async () => {
  await using producer = await startProducer()
  const answered = { accepted: [] as string[], unknown: [] as string[], refused: [] as string[] }
  let terminating = true
  const client = async (name: number) => {
    for (let n = 0; n < 40; n += 1) {
      const key = `${name}-${n}`
      const { status, body } = await producer.post(one({ key }))
      if (status === 202) answered.accepted.push(key)
      else if (status === 500 && body.type === 'outcome-unknown') answered.unknown.push(key)
      else if (status === 503) answered.refused.push(key)
      else throw new Error(`${status} ${JSON.stringify(body)}`)
    }
  }
  const clients = Promise.all([1, 2, 3, 4].map(client)).finally(() => {
    terminating = false
  })
  while (terminating) await terminate(producer, 'true')
  await clients

  const keys = (await producer.stored()).map(({ key }) => key ?? '')
  expect(keys).toEqual(expect.arrayContaining(answered.accepted))
  expect(new Set(keys).size, 'none twice').toBe(keys.length)
  expect(keys.filter((key) => answered.refused.includes(key))).toEqual([])
  await expect.poll(() => producer.post(one())).toMatchObject({ status: 202 })
})

test('a statement that takes too long is answered 503', async () => {
  await using producer = await startProducer({ DATABASE_STATEMENT_TIMEOUT_MS: '200' })
  await using held = await holdAppends(producer.database)
  expect(await producer.post(one())).toMatchObject(notAccepted)
  await held.release()
  expect(await producer.post(one())).toMatchObject({ status: 202 })
})

test('a database that is silent is given up on, and the connection with it', async () => {
  await using producer = await startProducer({ DATABASE_STATEMENT_TIMEOUT_MS: '100' })
  // The server counts the time-out, too, unless it is told not to: then only the client's remains.
  producer.pool.on('connect', (client) => client.query('set statement_timeout = 0'))
  await using held = await holdAppends(producer.database)
  expect(await producer.post(one())).toMatchObject(notAccepted)
  expect(producer.pool.totalCount).toBe(0)
  await held.release()
})

test('a partition that is missing is answered 503', async () => {
  await using producer = await startProducer()
  await producer.database.query(`select setval('outbox.message_id_seq', 1000000000000)`)
  expect(await producer.post(one())).toMatchObject(notAccepted)
})

/** The server gets the next COMMIT and answers it, but the client never hears of it: its connection is reset. */
function loseNextCommit(proxy: TcpProxy): void {
  let left = 1
  proxy.mode = { kind: 'lose-answer', to: (request) => request.includes('commit\0') && left-- > 0 }
}

/** @returns how many of the producer's sessions were ended */
async function terminate({ database }: ProducerUnderTest, condition: string): Promise<number | null> {
  const { rowCount } = await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'producer-test' and datname = current_database() and ${condition}`,
  )
  return rowCount
}
