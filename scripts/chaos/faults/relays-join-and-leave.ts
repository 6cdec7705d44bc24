import type { ChaosSystem } from '../chaos-system.ts'
import type { Fault } from '../fault.ts'
import { seconds } from '../seconds.ts'
import { relays, reserveRelays } from '../system-shape.ts'

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

const SHARED_MS = 60_000

/** Waits until each of the five relays owns three shards, or four. */
async function sharedEvenly({ pool, sleep }: ChaosSystem): Promise<void> {
  let owned: number[] = []
  for (const deadline = Date.now() + SHARED_MS; Date.now() < deadline; await sleep(100)) {
    const { rows } = await pool.query<{ owned: number }>(
      'select count(*)::int as owned from outbox.shard where relay is not null group by relay',
    )
    owned = rows.map((row) => row.owned)
    const all = owned.reduce((sum, count) => sum + count, 0)
    if (
      owned.length === relays.length + reserveRelays.length &&
      all === shards &&
      Math.max(...owned) - Math.min(...owned) <= 1
    )
      return
  }
  throw new Error(`the shards are not shared evenly: ${owned.join(', ')}`)
}
