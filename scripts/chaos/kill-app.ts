import { harmableApp } from '@outbox/local-stack/harmable'
import { inflictHarm } from '@outbox/local-stack/inflict-harm'
import type { Fault } from './fault.ts'
import { seconds } from './seconds.ts'

/** Whom to kill; `downMs`: for how long it may stay dead, 0: until the supervision starts it again by itself. */
export type Killing = Omit<Fault, 'draw'> & { apps: readonly string[]; downMs: readonly number[] }

/** The fault that one of some apps' processes gets SIGKILL. */
export function killApp({ apps, downMs, ...fault }: Killing): Fault {
  return {
    ...fault,
    draw(random) {
      const name = random.pick(apps)
      const forMs = random.pick(downMs)
      return {
        details: forMs === 0 ? `${name}, started again at once` : `${name}, dead for ${seconds(forMs)}`,
        lastsMs: forMs,
        async inflict(system) {
          await inflictHarm(harmableApp(system.app(name)), 'kill', () => system.sleep(forMs))
        },
      }
    },
  }
}
