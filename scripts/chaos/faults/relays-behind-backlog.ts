import { readLag } from '@outbox/outbox/read-lag'
import type { ChaosSystem } from '../chaos-system.ts'
import type { Fault } from '../fault.ts'
import { startLoad, steadyLoad } from '../load.ts'
import { seconds } from '../seconds.ts'
import { leaseMs, relays } from '../system-shape.ts'
import { waitForOwners } from '../wait-for-owners.ts'

const messages = 100_000
/** So much of it is left when one is killed: as much as the others publish within a lease. */
const leftOver = { atLeast: 5_000n, atMost: 20_000n }
/** Added to what passes between the apps and Kafka, each way: the tick must last longer than it takes relays to start. */
const delayMs = 300
/** For the backlog to grow, and to shrink again. */
const withinMs = 120_000

export const relaysBehindBacklog: Fault = {
  name: 'relays-behind-backlog',
  numbers: [4],
  does: 'relays come to a backlog that grew without them; in the midst of its one long tick one leaves, one is killed',
  draw(random) {
    const leaving = random.pick(relays)
    const killed = random.pick(relays.filter((name) => name !== leaving))
    return {
      details: `${leaving} leaves, ${killed} is killed`,
      lastsMs: 2 * leaseMs + 30_000,
      async inflict(system) {
        const { app, networks, ready, sleep } = system
        const isUp = (name: string) => name !== leaving && name !== killed
        try {
          for (const name of relays) await app(name).hold('stop')
          const before = await lastId(system)
          await startLoad(system, { ...steadyLoad, messages, batchSize: 500, concurrency: 10 })
          await growBacklog(system, before + BigInt(messages))
          networks.kafka.mode = { kind: 'delay', ms: delayMs }
          for (const name of relays.filter(isUp)) app(name).release()
          await ownedBy(system, 1)
          app(leaving).release()
          app(killed).release()
          await ownedBy(system, 3)
          await app(leaving).hold('stop')
          await shrinkBacklog(system)
          await app(killed).hold('kill')
          // The other one gets through with the tick before the lease ends that leaves it what the killed one had not published of it.
          networks.kafka.mode = { kind: 'pass' }
          await sleep(2 * leaseMs)
        } finally {
          networks.kafka.mode = { kind: 'pass' }
          for (const name of relays) app(name).release()
        }
        await ready(relays)
      },
    }
  },
}

/** Of the last row that is committed. */
async function lastId({ pool }: ChaosSystem): Promise<bigint> {
  const { rows } = await pool.query<{ id: string | null }>('select max(id) as id from outbox.message')
  return BigInt(rows[0]?.id ?? 0)
}

/** Waits until so many relays own shards. */
async function ownedBy(system: ChaosSystem, count: number): Promise<void> {
  await waitForOwners(system, (owned) => owned.length === count, `shared by ${count} relays`)
}

/** Waits until the row `id` is committed, or one behind it. */
async function growBacklog(system: ChaosSystem, id: bigint): Promise<void> {
  for (const deadline = Date.now() + withinMs; (await lastId(system)) < id; await system.sleep(100)) {
    if (Date.now() > deadline)
      throw new Error(`the backlog did not grow to ${messages} messages within ${seconds(withinMs)}`)
  }
}

/** @throws when the tick was over before anything happened in its midst, or is not worked off */
async function shrinkBacklog({ pool, sleep }: ChaosSystem): Promise<void> {
  const left = async () => (await readLag(pool)).messages
  let now = await left()
  for (const deadline = Date.now() + withinMs; now > leftOver.atMost; now = await left()) {
    if (Date.now() > deadline) throw new Error(`${now} messages of the backlog were left after ${seconds(withinMs)}`)
    await sleep(50)
  }
  if (now < leftOver.atLeast) throw new Error(`the backlog was gone too early: ${now} messages were left`)
}
