import { seededRandom } from '@outbox/local-stack/seeded-random'
import type { ChaosSystem } from '../chaos-system.ts'
import { recovery } from '../recovery.ts'
import type { Scenario } from '../scenario.ts'
import { consumers, producers, relays } from '../system-shape.ts'

const CONVERGES_MS = 60_000
const EVERY_MS = 1_500
/** Orders that are as unlike as those of three seeds. */
const SEEDS = [1, 2, 3]

export const coldStart: Scenario = {
  name: 'cold-start',
  numbers: [22],
  does: 'everything is stopped, and started in another order each time: it works within a minute of its services',
  async inflict(system) {
    for (const seed of SEEDS) {
      const parts = seededRandom(seed).shuffled(['postgres', 'kafka', 'producers', 'relays', 'consumers'] as const)
      await stopAll(system)
      await Promise.all(parts.map((part, index) => start(system, part, index * EVERY_MS)))
      const converged = await recovery(system.pool, { withinMs: CONVERGES_MS, signal: system.signal })
      if (converged === undefined) throw new Error(`not within a minute, started in the order ${parts.join(', ')}`)
    }
  },
}

async function stopAll({ app, kafka, postgres }: ChaosSystem): Promise<void> {
  await Promise.all([...producers, ...relays, ...consumers].map((name) => app(name).hold('stop')))
  await Promise.all([kafka.kill(), postgres.stop('fast')])
}

/** Apps start though what they need isn't there; a service has started when it answers. */
async function start(system: ChaosSystem, part: string, afterMs: number): Promise<void> {
  await system.sleep(afterMs)
  if (part === 'postgres') await system.postgres.start()
  else if (part === 'kafka') await system.kafka.start()
  else for (const name of { producers, relays, consumers }[part] ?? []) system.app(name).release()
}
