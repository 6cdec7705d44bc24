import type { ChaosSystem } from '../chaos-system.ts'
import type { Fault } from '../fault.ts'
import { seconds } from '../seconds.ts'
import { relays, reserveRelays } from '../system-shape.ts'
import { waitForOwners } from '../wait-for-owners.ts'

const shards = 16

export const relaysJoinAndLeave: Fault = {
  name: 'relays-join-and-leave',
  numbers: [4],
  does: 'relays leave (SIGTERM) until two are left, then join until there are five, and the sixteen shards are shared evenly',
  draw(random) {
    const leaving = random.pick(relays)
    const everyMs = random.between(1_000, 3_000)
    return {
      details: `${leaving} leaves, two more join, one every ${seconds(everyMs)}`,
      lastsMs: 3 * everyMs + 15_000,
      async inflict(system) {
        const { app, sleep, ready } = system
        const exits = []
        try {
          exits.push(await app(leaving).hold('stop'))
          await sleep(everyMs)
          for (const name of [...reserveRelays, leaving]) {
            app(name).release()
            await sleep(everyMs)
          }
          await ready([...relays, ...reserveRelays])
          await sharedEvenly(system)
        } finally {
          app(leaving).release()
          for (const name of reserveRelays) exits.push(await app(name).hold('stop'))
        }
        const wrong = exits.find(({ code }) => code !== 0)
        if (wrong !== undefined) throw new Error(`a relay that was to leave ended with ${wrong.code ?? wrong.signal}`)
      },
    }
  },
}

/** Waits until each of the five relays owns three shards, or four. */
async function sharedEvenly(system: ChaosSystem): Promise<void> {
  const count = relays.length + reserveRelays.length
  const isEven = (owned: readonly number[]) =>
    owned.length === count &&
    owned.reduce((sum, shardsOfOne) => sum + shardsOfOne, 0) === shards &&
    Math.max(...owned) - Math.min(...owned) <= 1
  await waitForOwners(system, isEven, 'shared evenly')
}
