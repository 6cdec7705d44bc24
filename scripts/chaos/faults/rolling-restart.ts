import type { Fault } from '../fault.ts'
import { consumers, producers, relays } from '../system-shape.ts'

export const rollingRestart: Fault = {
  name: 'rolling-restart',
  numbers: [7],
  does: 'every app is stopped by SIGTERM and started again, one after the other; each must end with 0 in time',
  draw(random) {
    const order = random.shuffled([...producers, ...relays, ...consumers])
    return {
      details: `${order[0]} first, ${order.at(-1)} last`,
      lastsMs: order.length * 4_000,
      async inflict({ app, ready }) {
        for (const name of order) {
          const { code, signal } = await app(name).hold('stop')
          app(name).release()
          await ready([name])
          if (code !== 0) throw new Error(`${name} ended with ${code ?? signal} instead of 0`)
        }
      },
    }
  },
}
