import { expect, test } from 'vitest'
import { claimShards } from '../src/claim-shards.ts'
import { makeTick } from '../src/make-tick.ts'
import { movePositions } from '../src/move-positions.ts'
import { pauseShards, resumeShards } from '../src/pause-shards.ts'
import { readShards } from '../src/read-shards.ts'
import { makeRelayName } from '../src/relay-name.ts'
import { releaseShards } from '../src/release-shards.ts'
import { message, type OutboxDatabase, outboxDatabase } from './outbox-database.ts'

const leaseMs = 60_000
const shardsOf = ({ owned }: Awaited<ReturnType<typeof claimShards>>) => owned.map(({ shard }) => shard)

const pausedIn = async ({ pool }: OutboxDatabase) =>
  (await readShards(pool)).filter(({ paused }) => paused).map(({ shard }) => shard)

test('a paused shard is taken from its relay, whose position no longer moves, and nobody claims it', async () => {
  await using db = await outboxDatabase()
  const relay = makeRelayName('one')
  const { owned } = await claimShards(db.pool, { relay, leaseMs })
  await db.append(message('one'))
  const tick = await makeTick(db.pool)

  expect(await pauseShards(db.pool, [9, 3])).toEqual([3, 9])
  const to = { n: tick?.n ?? 0n, id: tick?.lastId ?? 0n }
  const held = await movePositions(db.pool, { relay, shards: owned, to })
  expect(held).toHaveLength(14)
  expect(held).not.toContain(3)
  const renewed = await claimShards(db.pool, { relay, leaseMs })
  expect(shardsOf(renewed)).toEqual(held)
  const anew = await claimShards(db.pool, { relay: makeRelayName('one'), leaseMs, entering: true })
  expect(shardsOf(anew)).toEqual(held)
  expect(await pausedIn(db)).toEqual([3, 9])
  expect((await readShards(db.pool))[3]).toMatchObject({ instance: undefined, paused: true, position: { id: 0n } })
})

test('a resumed shard is claimed under a new epoch, and goes on where it stood', async () => {
  await using db = await outboxDatabase()
  const relay = makeRelayName('one')
  const before = (await claimShards(db.pool, { relay, leaseMs })).owned[5]
  await pauseShards(db.pool, [5])
  await db.append(message('one'))
  const tick = await makeTick(db.pool)
  expect(await resumeShards(db.pool, [4, 5])).toEqual([5])
  const { owned } = await claimShards(db.pool, { relay, leaseMs })
  expect(owned).toHaveLength(16)
  expect(owned[5]).toEqual({ ...before, epoch: 3n, takenOverN: tick?.n })
})

test('to pause or resume twice changes nothing', async () => {
  await using db = await outboxDatabase()
  expect(await pauseShards(db.pool, [1])).toEqual([1])
  expect(await pauseShards(db.pool, [1])).toEqual([])
  const { rows } = await db.pool.query('select epoch from outbox.shard where shard = 1')
  expect(rows).toEqual([{ epoch: '1' }])
  expect(await resumeShards(db.pool, [1])).toEqual([1])
  expect(await resumeShards(db.pool, [1])).toEqual([])
})

test.each([0, 1, 7, 15])(
  'two relays share evenly what is left when %d shards are paused, and all again',
  async (count) => {
    await using db = await outboxDatabase()
    const relays = [makeRelayName('one'), makeRelayName('two')]
    const round = async () => {
      const sizes: number[] = []
      for (const relay of relays) {
        const claim = await claimShards(db.pool, { relay, leaseMs })
        await releaseShards(db.pool, { relay, shards: claim.surplus })
        sizes.push(claim.owned.length - claim.surplus.length)
      }
      return sizes
    }
    /** All hear of all in the first round, the surplus is free in the second, claimed in the third. */
    const settled = async () => [await round(), await round(), await round()].at(-1)
    expect(await settled()).toEqual([8, 8])
    const paused = Array.from({ length: count }, (_, shard) => shard)
    await pauseShards(db.pool, paused)
    expect(await settled()).toEqual([Math.ceil((16 - count) / 2), Math.floor((16 - count) / 2)])
    await resumeShards(db.pool, paused)
    expect(await settled()).toEqual([8, 8])
  },
)

test('pausing all is possible: relays stay alive and own nothing', async () => {
  await using db = await outboxDatabase()
  const relay = makeRelayName('one')
  await claimShards(db.pool, { relay, leaseMs })
  expect(
    await pauseShards(
      db.pool,
      Array.from({ length: 16 }, (_, shard) => shard),
    ),
  ).toHaveLength(16)
  expect(await claimShards(db.pool, { relay, leaseMs })).toEqual({ owned: [], alive: 1, surplus: [] })
})

test('pauses, resumptions, renewals and moves at once: no deadlock, and what is paused belongs to nobody', async () => {
  await using db = await outboxDatabase()
  const relays = [makeRelayName('one'), makeRelayName('two')]
  const some = (turn: number) => Array.from({ length: 8 }, (_, at) => (at * 5 + turn) % 16)
  const relaying = relays.map(async (relay) => {
    for (let turn = 0; turn < 60; turn++) {
      const { owned, surplus } = await claimShards(db.pool, { relay, leaseMs })
      await db.append(message(`${turn}`))
      const tick = await makeTick(db.pool)
      if (tick) await movePositions(db.pool, { relay, shards: owned, to: { n: tick.n, id: tick.lastId } })
      await releaseShards(db.pool, { relay, shards: surplus })
    }
  })
  const operating = [pauseShards, resumeShards].map(async (change, at) => {
    for (let turn = 0; turn < 60; turn++) {
      await change(db.pool, some(turn + at))
      const { rows } = await db.pool.query('select shard from outbox.shard where paused and relay is not null')
      expect(rows).toEqual([])
    }
  })
  await Promise.all([...relaying, ...operating])
})
