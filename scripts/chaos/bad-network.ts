import type { TcpProxy } from '@outbox/local-stack/tcp-proxy'
import type { ChaosSystem } from './chaos-system.ts'
import type { Fault } from './fault.ts'
import { seconds } from './seconds.ts'

/** Which network, what is wrong with it, and for how long at least and at most, in ms. */
export type BadNetwork = Omit<Fault, 'draw'> & {
  network: keyof ChaosSystem['networks']
  mode: TcpProxy['mode']
  minMs: number
  maxMs: number
}

/** The fault that the way to a service is bad for a while. */
export function badNetwork({ network, mode, minMs, maxMs, ...fault }: BadNetwork): Fault {
  return {
    ...fault,
    draw(random) {
      const forMs = random.between(minMs, maxMs)
      return {
        details: `for ${seconds(forMs)}`,
        lastsMs: forMs,
        async inflict({ networks, sleep }) {
          networks[network].mode = mode
          await sleep(forMs).finally(() => {
            networks[network].mode = { kind: 'pass' }
          })
        },
      }
    },
  }
}
