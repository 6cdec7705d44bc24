import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '@outbox/local-stack/seeded-random'
import fc from 'fast-check'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { adoptLog, planAdoption } from '../src/adopt-log.ts'
import { appendMessages } from '../src/append-messages.ts'
import { claimShards } from '../src/claim-shards.ts'
import { makeTick } from '../src/make-tick.ts'
import { planReplay } from '../src/plan-replay.ts'
import { readLag } from '../src/read-lag.ts'
import { readWindow } from '../src/read-window.ts'
import { makeRelayName } from '../src/relay-name.ts'
import { refuseRestoredLog } from '../src/restored-log.ts'
import { expectAscending, firstAppearances, untilPublished } from './first-appearances.ts'
import { message, type OutboxDatabase, outboxDatabase, payloads, readBatch } from './outbox-database.ts'
import { type RandomWriter, writeAtRandom } from './random-writer.ts'
import { type OldCounter, restoredDatabase } from './restored-database.ts'
import { nextBatch, type Published, type SimulatedRelay, simulateRelay } from './simulated-relay.ts'

const partitionIds = 2_000
const oldCounters: OldCounter[] = ['far behind', 'far ahead', 'just ahead']
const adopt = (pool: pg.Pool) => adoptLog(pool, { onPartition: () => {} })

function relayOf(pool: pg.Pool, topic: Published[], rest: Partial<SimulatedRelay> = {}): SimulatedRelay {
  const faults = { crashes: 0, pauses: 0, crashed: 0 }
  const random = seededRandom(1)
  return { pool, instance: 'relay', topic, windowIds: 50, partitionIds, leaseMs: 150, random, ...faults, ...rest }
}

test.for(oldCounters)(
  'after a restore, with an old counter %s, each message is published once, in the order of its key',
  { timeout: 200_000 },
  async (oldCounter) => {
    const seeds = fc.asyncProperty(fc.integer(), (seed) => restoreUnderLoad(oldCounter, seed))
    await fc.assert(seeds, { numRuns: 1, endOnFailure: true })
  },
)

/** Relays are killed in the midst of their work, and a dump is taken while writers write. */
async function restoreUnderLoad(oldCounter: OldCounter, seed: number): Promise<void> {
  await using old = await outboxDatabase(partitionIds, 20_000)
  const topic: Published[] = []
  const sequences = new Map<string, number>()
  const writing = startWriters(old.pool, { seed, sequences, committed: new Set() })
  await relayUntilKilled(old.pool, topic, seed)
  await sleep(100)
  await using restored = await restoredDatabase(old, oldCounter, { partitionIds })
  await writing.stop()
  const sent = new Set(topic.map(({ message }) => message.messageId))
  const committed = await messageIds(restored)

  const plan = await planAdoption(restored.pool)
  const adoption = await adopt(restored.pool)
  expect(adoption).toEqual(plan)
  const { published = 0, unpublished = 0, begun = 0 } = adoption ?? {}
  expect(published + unpublished).toBe(committed.size)
  const sentBefore = topic.length
  const relaying = new AbortController()
  const relay = simulateRelay(relayOf(restored.pool, topic), relaying.signal)
  try {
    const writingOn = startWriters(restored.pool, { seed: seed + 100, sequences, committed })
    await sleep(500)
    await writingOn.stop()
    await untilPublished(topic, committed)
  } finally {
    relaying.abort()
    await relay
  }
  const firsts = firstAppearances(topic)
  expect(new Set(firsts.map(({ message }) => message.messageId))).toEqual(committed)
  expectAscending(firsts)
  const again = topic.slice(sentBefore).filter(({ message }) => sent.has(message.messageId))
  expect(again.length).toBeLessThanOrEqual(begun)
}

function startWriters(
  pool: pg.Pool,
  { seed, ...all }: Pick<RandomWriter, 'sequences' | 'committed'> & { seed: number },
) {
  const stopping = new AbortController()
  const writers = Array.from({ length: 8 }, (_, writer) =>
    writeAtRandom({ pool, writer, random: seededRandom(seed + writer), ...all }, stopping.signal),
  )
  return {
    async stop() {
      stopping.abort()
      await Promise.all(writers)
    },
  }
}

/** Two relays share the shards; when one of them has died for the third time, neither comes back. */
async function relayUntilKilled(pool: pg.Pool, topic: Published[], seed: number): Promise<void> {
  const killed = new AbortController()
  const relays = [1, 2].map((at) =>
    relayOf(pool, topic, {
      instance: `relay-${at}`,
      random: seededRandom(seed + 50 + at),
      windowIds: 20,
      crashes: 0.02,
    }),
  )
  const running = relays.map((relay) => simulateRelay(relay, killed.signal))
  await expect.poll(() => Math.max(...relays.map(({ crashed }) => crashed)), { interval: 1 }).toBeGreaterThanOrEqual(3)
  killed.abort()
  await Promise.all(running)
}

async function messageIds({ pool }: OutboxDatabase): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>('select message_id as id from outbox.message')
  return new Set(rows.map(({ id }) => id))
}

test.for(oldCounters)(
  'with an old counter %s, each shard goes on where it stood, and what may be on its way keeps its place',
  async (oldCounter) => {
    await using old = await standingApart()
    await using restored = await restoredDatabase(old, oldCounter, { partitionIds })
    expect(await planAdoption(restored.pool)).toEqual(counts)
    expect(await adopt(restored.pool)).toEqual(counts)
    const [before, after] = [await unread(old), await unread(restored)]
    expect(after.map(payloadsOf)).toEqual(before.map(payloadsOf))
    const [a = [], b = [], c = []] = after
    expect(places(a.slice(0, 5))).toEqual(places(before[0]?.slice(0, 5)))
    expect(places(b.slice(0, 10))).toEqual(places(before[1]?.slice(0, 10)))
    const newestN = before[1]?.[0]?.place.n ?? 0n
    for (const { place } of [...a.slice(5), ...b.slice(10), ...c]) expect(place.n).toBeGreaterThan(newestN)
  },
)

test('what is behind all that was published counts as unpublished at once', async () => {
  await using old = await standingApart()
  await using restored = await restoredDatabase(old, 'far ahead', { partitionIds })
  await adopt(restored.pool)
  expect(await readLag(restored.pool)).toMatchObject({ messages: 31n })
})

test('a log without a published message, and an empty one, are adopted, too', async () => {
  await using old = await outboxDatabase(partitionIds, 20_000)
  await using empty = await restoredDatabase(old, 'far ahead', { partitionIds })
  expect(await adopt(empty.pool)).toEqual({ published: 0, unpublished: 0, begun: 0 })
  await empty.append(message('first'))
  expect(payloads(await readBatch(empty, await makeTick(empty.pool)))).toEqual(['first'])
  await old.append(message('1'), message('2'))
  await using unread = await restoredDatabase(old, 'far behind', { partitionIds })
  expect(await adopt(unread.pool)).toEqual({ published: 0, unpublished: 2, begun: 0 })
  await unread.append(message('3'))
  expect(payloads(await readBatch(unread, await makeTick(unread.pool)))).toEqual(['1', '2', '3'])
})

test('a replay, too, knows afterwards what was published before', async () => {
  await using old = await standingApart()
  await using restored = await restoredDatabase(old, 'just ahead', { partitionIds })
  await adopt(restored.pool)
  const { published: chosen, unpublished } = counts
  expect(await planReplay(restored.pool, { fromId: 1n })).toMatchObject({ chosen, unpublished })
})

test('what was appended between the restore and the adoption is published behind the rest', async () => {
  await using old = await standingApart()
  await using restored = await restoredDatabase(old, 'far ahead', { partitionIds })
  await restored.append(message('new', 'key 0'))
  expect(await adopt(restored.pool)).toEqual({ ...counts, unpublished: counts.unpublished + 1 })
  await restored.append(message('newer', 'key 0'))
  const [ofKey = []] = await unread(restored)
  expect(payloadsOf(ofKey).slice(-3)).toEqual(['90', 'new', 'newer'])
})

test('a sequence that was left behind is set, so that no id is taken again', async () => {
  await using old = await standingApart()
  await using restored = await restoredDatabase(old, 'far behind', { partitionIds })
  await restored.pool.query(`select setval('outbox.message_id_seq', 7)`)
  await adopt(restored.pool)
  await restored.append(message('new', 'key 0'))
  const [ofKey = []] = await unread(restored)
  expect(ofKey.at(-1)).toMatchObject({ place: { id: 92n } })
})

test('a second adoption, and that of a log of this cluster, changes nothing', async () => {
  await using db = await standingApart()
  await using restored = await restoredDatabase(db, 'far ahead', { partitionIds })
  await adopt(restored.pool)
  for (const { pool } of [db, restored]) {
    await pool.query('vacuum full outbox.tick')
    const before = await everything(pool)
    expect(await planAdoption(pool)).toBeUndefined()
    expect(await adopt(pool)).toBeUndefined()
    expect(await everything(pool)).toEqual(before)
  }
})

test('a log that was restored a second time, before it was published, is adopted again', async () => {
  await using db = await standingApart()
  await using once = await restoredDatabase(db, 'far ahead', { partitionIds })
  await adopt(once.pool)
  await using twice = await restoredDatabase(once, 'far behind', { partitionIds })
  expect(await adopt(twice.pool)).toEqual(counts)
  expect((await unread(twice)).map(payloadsOf)).toEqual((await unread(db)).map(payloadsOf))
})

test('a relay refuses a restored log, and a running one is named before it is adopted', async () => {
  await using old = await standingApart()
  await claimShards(old.pool, { relay: makeRelayName('relay-7'), leaseMs: 60_000, entering: true })
  await refuseRestoredLog(old.pool)
  await using restored = await restoredDatabase(old, 'far ahead', { partitionIds })
  await expect(refuseRestoredLog(restored.pool)).rejects.toMatchObject({ operatorNeeded: true })
  for (const refused of [() => planAdoption(restored.pool), () => adopt(restored.pool)])
    await expect(refused()).rejects.toMatchObject({
      code: 'OUTBOX_RELAYS_RUNNING',
      message: expect.stringContaining('relay-7'),
    })
  await restored.pool.query(
    'update outbox.shard set lease_ends_at = now(); update outbox.relay set lease_ends_at = now()',
  )
  expect(await adopt(restored.pool)).toEqual(counts)
  await refuseRestoredLog(restored.pool)
})

/** What {@link standingApart} makes of 91 messages. */
const counts = { published: 35, unpublished: 56, begun: 15 }
/** Of three shards. */
const keys = ['key 0', 'key 1', 'key 2']

/**
 * Message `n` has the key `n % 3` and the id `n + 1`; one with the first key comes late. The first shard stands in the midst of the
 * first batch, the second one at its end, the third one at the end of the second batch, and a third batch wasn't made.
 */
async function standingApart(): Promise<OutboxDatabase> {
  const db = await outboxDatabase(partitionIds, 20_000)
  const append = (from: number) =>
    db.append(...Array.from({ length: 30 }, (_, at) => message(`${from + at}`, keys[(from + at) % 3])))
  const late = await db.begin()
  await appendMessages(late, [message('late', 'key 0')])
  await append(1)
  const first = await makeTick(db.pool)
  await late.commit()
  await append(31)
  const second = await makeTick(db.pool)
  await append(61)
  const [a, b] = await shardsOf(db.pool)
  const stand = 'update outbox.shard set position_n = $1, position_id = $2 where $3::int is null or shard = $3'
  await db.pool.query(stand, [second?.n, second?.lastId, null])
  await db.pool.query(stand, [first?.n, first?.lastId, b])
  await db.pool.query(stand, [first?.n, 16, a])
  return db
}

async function shardsOf(pool: pg.Pool): Promise<number[]> {
  const text =
    'select (hashtextextended(key, 0) & 15)::int as shard from unnest($1::text[]) with ordinality as k (key, nth) order by nth'
  const { rows } = await pool.query<{ shard: number }>(text, [keys])
  expect(new Set(rows.map(({ shard }) => shard)).size).toBe(keys.length)
  return rows.map(({ shard }) => shard)
}

/** What a relay reads of each of the three shards, from where it stands to the log's end. */
async function unread({ pool }: OutboxDatabase): Promise<Published[][]> {
  await makeTick(pool)
  return await Promise.all((await shardsOf(pool)).map((shard) => unreadOf(pool, shard)))
}

async function unreadOf(pool: pg.Pool, shard: number): Promise<Published[]> {
  const text = 'select position_n, position_id from outbox.shard where shard = $1'
  const { rows } = await pool.query<{ position_n: string; position_id: string }>(text, [shard])
  const read: Published[] = []
  let position = { n: BigInt(rows[0]?.position_n ?? 0), id: BigInt(rows[0]?.position_id ?? 0) }
  for (;;) {
    const next = await nextBatch(pool, position)
    if (next === undefined) return read
    const { messages, endId } = await readWindow(pool, { ...next, shards: [shard], windowIds: 7 })
    read.push(...messages.map((message) => ({ place: { n: next.tick.n, id: message.id }, message })))
    position = { n: next.tick.n, id: endId }
  }
}

const payloadsOf = (read: Published[]) => read.map(({ message }) => message.payload?.toString())
const places = (read: Published[] = []) => read.map(({ place }) => place)

async function everything(pool: pg.Pool) {
  const tables = ['shard', 'tick', 'message'].map((table) => pool.query(`select * from outbox.${table} order by 1, 2`))
  return (await Promise.all(tables)).map(({ rows }) => rows)
}
