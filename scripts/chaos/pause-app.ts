import { harmableApp } from '@outbox/local-stack/harmable'
import { inflictHarm } from '@outbox/local-stack/inflict-harm'
import type { Fault } from './fault.ts'
import { seconds } from './seconds.ts'

/** Whom to pause, and for how long at least and at most, in ms. */
export type Pausing = Omit<Fault, 'draw'> & { apps: readonly string[]; minMs: number; maxMs: number }

/** The fault that one of some apps' processes gets SIGSTOP, and SIGCONT later. */
export function pauseApp({ apps, minMs, maxMs, ...fault }: Pausing): Fault {
  return {
    ...fault,
    draw(random) {
      const name = random.pick(apps)
      const forMs = random.between(minMs, maxMs)
      return {
        details: `${name}, for ${seconds(forMs)}`,
        lastsMs: forMs,
        async inflict(system) {
          await inflictHarm(harmableApp(system.app(name)), 'pause', () => system.sleep(forMs))
        },
      }
    },
  }
}
