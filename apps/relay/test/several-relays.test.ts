import type pg from 'pg'
import { expect, test, vi } from 'vitest'
import { expectWholeAndInOrder } from './read-topic.ts'
import { type RelayProcess, startRelay } from './relay-process.ts'
import { keepWriting, outboxDatabase, writeLog } from './written-log.ts'

const shortLease = { RELAY_LEASE_MS: '1000', RELAY_SEND_TIMEOUT_MS: '900', RELAY_WINDOW_IDS: '200' }

test('relays that join and leave share the shards evenly, and keep the order of each key', async () => {
  await using database = await outboxDatabase()
  const { url: databaseUrl, topic, pool } = database
  await using relays = new AsyncDisposableStack()
  const alive = new Map<string, RelayProcess>()
  const join = async (instance: string) => {
    const relay = relays.use(startRelay({ databaseUrl, topic, instance, env: shortLease }))
    await relay.ready()
    alive.set(instance, relay)
    await shardsSpread(pool, [...alive.values()])
  }
  const leave = async (instance: string, signal: NodeJS.Signals) => {
    const relay = alive.get(instance)
    alive.delete(instance)
    expect(await relay?.end(signal)).toBe(signal === 'SIGTERM' ? 0 : signal)
    await shardsSpread(pool, [...alive.values()])
  }
  const enough = new AbortController()
  const writing = keepWriting(pool, { topic, enough: enough.signal })
  for (const instance of ['relay-1', 'relay-2', 'relay-3', 'relay-4', 'relay-5']) await join(instance)
  await leave('relay-2', 'SIGTERM')
  await leave('relay-4', 'SIGKILL')
  await leave('relay-1', 'SIGKILL')
  await join('relay-2')
  await leave('relay-5', 'SIGTERM')
  await leave('relay-3', 'SIGTERM')
  enough.abort()
  await expectWholeAndInOrder(topic, await writing)
}, 180_000)

test('a relay paused past its lease is fenced: it moves no position, and the order of first appearances holds', async () => {
  await using database = await outboxDatabase()
  const { url, topic } = database
  await using paused = startRelay({ databaseUrl: url, topic, instance: 'relay-1', env: shortLease })
  await paused.ready()
  const writing = writeLog(database.pool, { topic, count: 6_000 })
  await vi.waitFor(async () => expect((await shardsOf(paused)).length).toBe(16), waiting)
  paused.child.kill('SIGSTOP')
  await using successor = startRelay({ databaseUrl: url, topic, instance: 'relay-2', env: shortLease })
  await shardsShared([successor], [16])
  const epochs = await epochsIn(database.pool)
  paused.child.kill('SIGCONT')
  await shardsShared([paused, successor], [8, 8])
  await expectWholeAndInOrder(topic, await writing)
  // What it thought to own was lost: each shard that it has now was claimed anew.
  for (const { shard, epoch } of await shardsOf(paused)) expect(BigInt(epoch)).toBeGreaterThan(epochs.get(shard) ?? 0n)
})

test('a relay started anew under its name goes on at once', async () => {
  await using database = await outboxDatabase()
  const longLease = { RELAY_LEASE_MS: '600000' }
  const start = () => startRelay({ databaseUrl: database.url, topic: database.topic, env: longLease })
  await using killed = start()
  await shardsShared([killed], [16])
  await killed.end('SIGKILL')
  await using anew = start()
  await shardsShared([anew], [16])
})

test('of two relays with one name the later one stays, and the other says what is wrong', async () => {
  await using database = await outboxDatabase()
  const start = () => startRelay({ databaseUrl: database.url, topic: database.topic, env: shortLease })
  await using earlier = start()
  await shardsShared([earlier], [16])
  await using later = start()
  await shardsShared([later], [16])
  expect(await earlier.exited).toBe(78)
  expect(earlier.lines.at(-1)).toContain('give each relay a name of its own (INSTANCE)')
})

test('a relay that stops gives its shards back at once', async () => {
  await using database = await outboxDatabase()
  await using relay = startRelay({
    databaseUrl: database.url,
    topic: database.topic,
    env: { RELAY_LEASE_MS: '600000' },
  })
  await shardsShared([relay], [16])
  expect(await relay.end('SIGTERM')).toBe(0)
  const { rows } = await database.pool.query('select count(*)::int as owned from outbox.shard where relay is not null')
  expect(rows).toEqual([{ owned: 0 }])
})

const waiting = { timeout: 60_000, interval: 50 }

async function shardsOf(relay: RelayProcess): Promise<{ shard: number; epoch: string }[]> {
  const answer = await fetch(`${await relay.url()}/status`)
  return ((await answer.json()) as { shards: { shard: number; epoch: string }[] }).shards
}

async function shardsShared(relays: RelayProcess[], shares: number[]): Promise<void> {
  await vi.waitFor(async () => {
    const counts = await Promise.all(relays.map(async (relay) => (await shardsOf(relay)).length))
    expect(counts.toSorted((a, b) => b - a)).toEqual(shares)
  }, waiting)
}

/** Within 10 s each shard belongs to one of the relays, as the relay itself says and the database, and none has two more than another. */
async function shardsSpread(pool: pg.Pool, relays: RelayProcess[]): Promise<void> {
  await vi.waitFor(
    async () => {
      const owned = await Promise.all(relays.map(shardsOf))
      const { rows } = await pool.query<{ shard: number; epoch: string }>(
        'select shard, epoch from outbox.shard where lease_ends_at > now() order by shard',
      )
      expect(rows).toHaveLength(16)
      expect(owned.flat().toSorted((a, b) => a.shard - b.shard)).toMatchObject(rows)
      const sizes = owned.map(({ length }) => length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    },
    { timeout: 10_000, interval: 50 },
  )
}

async function epochsIn(pool: pg.Pool): Promise<Map<number, bigint>> {
  const { rows } = await pool.query<{ shard: number; epoch: string }>('select shard, epoch from outbox.shard')
  return new Map(rows.map(({ shard, epoch }) => [shard, BigInt(epoch)]))
}
