import { pauseShards } from '@outbox/outbox/pause-shards'
import { makeRelayName } from '@outbox/outbox/relay-name'
import type pg from 'pg'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { ShardLeases } from '../src/shard-leases.ts'
import { outboxDatabase } from './written-log.ts'

const leaseMs = 600_000
const settle = async () => {}
const shardsOf = ({ owned }: ShardLeases) => owned.map(({ shard }) => shard)

test('a renewal that was answered before a shard was lost does not bring it back', async () => {
  await using database = await outboxDatabase()
  const { pool } = database
  const claimed = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  let claims = 0
  /** The answer to the second claim is on its way until the test lets it arrive. */
  const query = async (statement: pg.QueryConfig) => {
    const result = await pool.query(statement)
    if (statement.name === 'outbox-claim' && ++claims === 2) {
      claimed.resolve()
      await answer.promise
    }
    return result
  }
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const logger = pino({ level: 'silent' })
    await using leases = new ShardLeases({
      db: { query } as unknown as pg.Pool,
      relay: makeRelayName('relay-1'),
      leaseMs,
      logger,
    })
    await leases.sync(settle)
    const shards = leases.owned
    expect(shards).toHaveLength(16)
    vi.advanceTimersByTime(leaseMs / 3)
    await claimed.promise
    await pauseShards(pool, [3])
    const held = shardsOf(leases).filter((shard) => shard !== 3)
    leases.moved({ shards, held, to: { n: 0n, id: 0n } })
    expect(shardsOf(leases)).toEqual(held)
    answer.resolve()
    // The second claim's answer is taken over in one of the next turns; no third one follows, since time stands still.
    for (let turn = 0; turn < 20; turn++) {
      await new Promise(setImmediate)
      await leases.sync(settle)
    }
    expect(claims).toBe(2)
    expect(shardsOf(leases)).toEqual(held)
  } finally {
    vi.useRealTimers()
  }
})
