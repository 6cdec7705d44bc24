import { expect, test } from 'vitest'
import { claimShards } from '../src/claim-shards.ts'
import { makeTick } from '../src/make-tick.ts'
import { movePositions } from '../src/move-positions.ts'
import { makeRelayName } from '../src/relay-name.ts'
import { releaseShards } from '../src/release-shards.ts'
import { message, type OutboxDatabase, outboxDatabase } from './outbox-database.ts'

const leaseMs = 60_000
const shardsOf = ({ owned }: Awaited<ReturnType<typeof claimShards>>) => owned.map(({ shard }) => shard)
const all = Array.from({ length: 16 }, (_, shard) => shard)

/** Every lease is over, as if the time had passed. */
const endLeases = async ({ pool }: OutboxDatabase) => {
  await pool.query(`update outbox.shard set lease_ends_at = now() - interval '1 s' where relay is not null`)
  await pool.query(`update outbox.relay set lease_ends_at = now() - interval '1 s'`)
}

test('a relay alone owns all shards, from the first tick on, and keeps them under the same epoch', async () => {
  await using db = await outboxDatabase()
  const relay = makeRelayName('one')
  const first = await claimShards(db.pool, { relay, leaseMs })
  expect(first).toMatchObject({ alive: 1, surplus: [] })
  expect(shardsOf(first)).toEqual(all)
  expect(first.owned[0]).toMatchObject({ epoch: 1n, position: { id: 0n } })
  expect(await claimShards(db.pool, { relay, leaseMs })).toEqual(first)
})

test('a second relay gets its share once the first one gives up its surplus', async () => {
  await using db = await outboxDatabase()
  const [one, two] = [makeRelayName('one'), makeRelayName('two')]
  await claimShards(db.pool, { relay: one, leaseMs })
  expect(await claimShards(db.pool, { relay: two, leaseMs })).toEqual({ owned: [], alive: 2, surplus: [] })
  const { surplus } = await claimShards(db.pool, { relay: one, leaseMs })
  expect(surplus).toEqual([8, 9, 10, 11, 12, 13, 14, 15])
  await releaseShards(db.pool, { relay: one, shards: surplus })
  expect(shardsOf(await claimShards(db.pool, { relay: two, leaseMs }))).toEqual(surplus)
})

test.each([2, 3, 5, 16, 17])(
  '%d relays that claim again and again own all shards, evenly, none twice',
  async (count) => {
    await using db = await outboxDatabase()
    const relays = Array.from({ length: count }, (_, at) => makeRelayName(`relay-${at}`))
    const claimAndRelease = async () => {
      const claims = await Promise.all(relays.map((relay) => claimShards(db.pool, { relay, leaseMs })))
      await Promise.all(relays.map((relay, at) => releaseShards(db.pool, { relay, shards: claims[at]?.surplus ?? [] })))
      return claims.map(shardsOf)
    }
    const isEven = (owned: number[][]) => {
      const sizes = owned.map(({ length }) => length)
      return owned.flat().length === 16 && Math.max(...sizes) - Math.min(...sizes) <= 1
    }
    // All hear of all in the first round, the surplus is free in the second, claimed in the third.
    let owned = await claimAndRelease()
    for (let rounds = 1; rounds < 5 && !isEven(owned); rounds++) owned = await claimAndRelease()
    expect(isEven(owned)).toBe(true)
    expect(owned.flat().toSorted((a, b) => a - b)).toEqual(all)
  },
)

test('a lease that is over is taken over: a new epoch, the position that was reached, the newest tick', async () => {
  await using db = await outboxDatabase()
  const paused = makeRelayName('paused')
  const { owned } = await claimShards(db.pool, { relay: paused, leaseMs })
  await db.append(message('one'))
  const tick = await makeTick(db.pool)
  const to = { n: tick?.n ?? 0n, id: tick?.lastId ?? 0n }
  expect(await movePositions(db.pool, { relay: paused, shards: owned, to })).toEqual(all)
  await db.append(message('two'))
  const newest = await makeTick(db.pool)
  await endLeases(db)

  const taken = await claimShards(db.pool, { relay: makeRelayName('next'), leaseMs })
  expect(taken.owned).toHaveLength(16)
  expect(taken.owned[3]).toEqual({ shard: 3, epoch: 2n, position: to, takenOverN: newest?.n })
  expect((await claimShards(db.pool, { relay: paused, leaseMs })).owned).toEqual([])
})

test('a paused relay that wakes up cannot move a position', async () => {
  await using db = await outboxDatabase()
  const paused = makeRelayName('paused')
  const { owned } = await claimShards(db.pool, { relay: paused, leaseMs })
  await db.append(message('one'))
  const tick = await makeTick(db.pool)
  const to = { n: tick?.n ?? 0n, id: 1n }
  await endLeases(db)
  await claimShards(db.pool, { relay: makeRelayName('next'), leaseMs })
  expect(await movePositions(db.pool, { relay: paused, shards: owned, to })).toEqual([])
  const { rows } = await db.pool.query('select distinct position_id from outbox.shard')
  expect(rows).toEqual([{ position_id: '0' }])
})

test('a run that enters takes over from the run before at once, and that one is told at its next claim', async () => {
  await using db = await outboxDatabase()
  const [first, second] = [makeRelayName('relay-1'), makeRelayName('relay-1')]
  await claimShards(db.pool, { relay: first, leaseMs, entering: true })
  const { owned } = await claimShards(db.pool, { relay: second, leaseMs, entering: true })
  expect(owned).toHaveLength(16)
  expect(owned[0]?.epoch).toBe(2n)
  await expect(claimShards(db.pool, { relay: first, leaseMs })).rejects.toMatchObject({
    code: 'OUTBOX_DUPLICATE_RELAY',
  })
  expect((await claimShards(db.pool, { relay: second, leaseMs })).owned).toEqual(owned)
})

test('a run that does not enter leaves the name to the one that is alive, until its lease is over', async () => {
  await using db = await outboxDatabase()
  const [first, second] = [makeRelayName('relay-1'), makeRelayName('relay-1')]
  await claimShards(db.pool, { relay: first, leaseMs })
  await expect(claimShards(db.pool, { relay: second, leaseMs })).rejects.toMatchObject({
    code: 'OUTBOX_DUPLICATE_RELAY',
  })
  await endLeases(db)
  expect((await claimShards(db.pool, { relay: second, leaseMs })).owned).toHaveLength(16)
})

test('a relay that leaves is not counted any more, and its shards are free at once', async () => {
  await using db = await outboxDatabase()
  const [leaving, staying] = [makeRelayName('leaving'), makeRelayName('staying')]
  await claimShards(db.pool, { relay: leaving, leaseMs })
  await releaseShards(db.pool, { relay: leaving, shards: all, leaving: true })
  const claim = await claimShards(db.pool, { relay: staying, leaseMs })
  expect(claim.alive).toBe(1)
  expect(claim.owned).toHaveLength(16)
})

test('nobody releases the shards of another', async () => {
  await using db = await outboxDatabase()
  const relay = makeRelayName('one')
  await claimShards(db.pool, { relay, leaseMs })
  await releaseShards(db.pool, { relay: makeRelayName('other'), shards: all, leaving: true })
  const { rows } = await db.pool.query('select count(*)::int from outbox.shard where relay = $1', [relay])
  expect(rows[0].count).toBe(16)
})
