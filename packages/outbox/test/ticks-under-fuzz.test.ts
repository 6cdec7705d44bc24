import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '@outbox/local-stack/seeded-random'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendMessages } from '../src/append-messages.ts'
import { LogRetention } from '../src/log-retention.ts'
import { expectAscending, firstAppearances, untilPublished } from './first-appearances.ts'
import { message, type OutboxDatabase, outboxDatabase } from './outbox-database.ts'
import { type RandomWriter, writeAtRandom } from './random-writer.ts'
import { type Published, type SimulatedRelay, simulateRelay } from './simulated-relay.ts'

const writingMs = 3_000

test(
  'ticks under fuzz: nothing is lost, nothing out of order, and nobody waits for an open transaction',
  {
    timeout: 400_000,
  },
  () => fuzzed(3, { partitionIds: 2_000 }),
)

test(
  'retention under fuzz: partitions go while everybody writes, and nothing goes before it is published',
  {
    timeout: 400_000,
  },
  () => fuzzed(2, { partitionIds: 500, retention: '1ms' }),
)

async function fuzzed(numRuns: number, log: Pick<Fuzz, 'partitionIds' | 'retention'>): Promise<void> {
  const settings = fc.record({ seed: fc.integer(), windowIds: fc.integer({ min: 20, max: 200 }) })
  const property = fc.asyncProperty(settings, async ({ seed, windowIds }) => {
    await using db = await outboxDatabase(log.partitionIds, 20_000)
    const dropped = await fuzz(db, { seed, windowIds, ...log })
    expect(dropped).toEqual([...new Set(dropped)])
  })
  await fc.assert(property, { numRuns, endOnFailure: true })
}

type Fuzz = { seed: number; windowIds: number; partitionIds: number; retention?: string }

/** @returns the partitions that were dropped */
async function fuzz(db: OutboxDatabase, { seed, windowIds, partitionIds, retention }: Fuzz): Promise<string[]> {
  const topic: Published[] = []
  const committed = new Set<string>()
  const sequences = new Map<string, number>()
  const [writing, relaying] = [new AbortController(), new AbortController()]
  const open = await db.begin()
  const [openId = ''] = await appendMessages(open, [message('1', 'open all the time')])
  const commitOpen = async () => {
    await open.commit()
    committed.add(openId)
  }
  // As long as it is open, no partition may go.
  if (retention !== undefined) await commitOpen()

  const faulty = [1, 2].map((at): SimulatedRelay => {
    const faults = { crashes: 0.02, pauses: 0.01, crashed: 0 }
    return {
      pool: db.pool,
      instance: `relay-${at}`,
      topic,
      windowIds,
      partitionIds,
      leaseMs: 150,
      random: seededRandom(seed + at),
      ...faults,
    }
  })
  const relays = faulty.map((relay) => simulateRelay(relay, relaying.signal))
  const dropped: string[] = []
  const retaining = retention && retain(new LogRetention({ db: db.pool, retention }), dropped, relaying.signal)
  const writers = Array.from({ length: 12 }, (_, writer) => {
    const random = seededRandom(seed + 1_000 + writer)
    const settings: RandomWriter = { pool: db.pool, writer, random, sequences, committed }
    return writeAtRandom(settings, writing.signal)
  })
  try {
    await sleep(writingMs)
    await expect
      .poll(() => faulty.reduce((sum, { crashed }) => sum + crashed, 0), { timeout: 30_000 })
      .toBeGreaterThan(3)
    if (retaining) await expect.poll(() => dropped.length, { timeout: 120_000 }).toBeGreaterThan(1)
    writing.abort()
    await Promise.all(writers)
    for (const relay of faulty) Object.assign(relay, { crashes: 0, pauses: 0 })
    await untilPublished(topic, committed)
    if (retention === undefined) await commitOpen()
    await untilPublished(topic, committed)
  } finally {
    writing.abort()
    relaying.abort()
    await Promise.all([...writers, ...relays, retaining])
  }
  const firsts = firstAppearances(topic)
  expect(new Set(firsts.map(({ message }) => message.messageId))).toEqual(committed)
  expectAscending(firsts)
  return dropped
}

async function retain(retention: LogRetention, dropped: string[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // Writers are in their transactions for longer than a detach waits: the next one goes on with it.
    const now = await retention.apply().catch(({ code }) => (code === '55P03' ? [] : Promise.reject(code)))
    dropped.push(...now)
    await sleep(10)
  }
}
