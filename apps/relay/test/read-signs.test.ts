import { appendMessages } from '@outbox/outbox/append-messages'
import { claimShards } from '@outbox/outbox/claim-shards'
import { makeTick } from '@outbox/outbox/make-tick'
import { movePositions } from '@outbox/outbox/move-positions'
import { makeRelayName } from '@outbox/outbox/relay-name'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { signsReader } from '../src/read-signs.ts'
import { outboxDatabase } from './written-log.ts'

async function append(pool: pg.Pool, count: number): Promise<void> {
  const client = await pool.connect()
  await appendMessages(
    client,
    Array.from({ length: count }, () => ({ topic: 'topic', key: 'key', payload: 'a message' })),
  )
  client.release()
}

test('shards without a relay, paused ones, the room ahead, and how long the slowest shard has stood still', async () => {
  await using database = await outboxDatabase({ partitionIds: 1_000, aheadIds: 4_000 })
  const { pool } = database
  const all = Array.from({ length: 16 }, (_, shard) => shard)
  const signs = signsReader(pool)
  expect(await signs()).toMatchObject({ unowned: all, paused: [], idsAhead: 3_999n, stuckSeconds: 0 })

  const relay = makeRelayName('relay-1')
  const { owned } = await claimShards(pool, { relay, leaseMs: 60_000 })
  await append(pool, 2)
  const tick = await makeTick(pool)
  if (!tick) throw new Error('nothing was new')
  const to = { n: tick.n, id: 2n }
  await movePositions(pool, { relay, shards: owned.slice(1), to })
  await pool.query(`update outbox.shard set lease_ends_at = now() - interval '1 ms' where shard = 7`)
  await pool.query('update outbox.shard set relay = null, paused = true where shard = 9')
  await expect.poll(async () => (await signs()).stuckSeconds).toBeGreaterThan(0)
  expect(await signs()).toMatchObject({ unowned: [7], paused: [9], lastId: 2n, idsAhead: 3_997n })

  await movePositions(pool, { relay, shards: owned, to })
  expect(await signs()).toMatchObject({ stuckSeconds: 0 })
})
