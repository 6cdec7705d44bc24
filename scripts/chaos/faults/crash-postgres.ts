import { harmablePostgres } from '@outbox/local-stack/harmable'
import { inflictHarm } from '@outbox/local-stack/inflict-harm'
import type { Fault } from '../fault.ts'
import { seconds } from '../seconds.ts'

export const crashPostgres: Fault = {
  name: 'crash-postgres',
  numbers: [12, 14],
  does: 'PostgreSQL is stopped as by a crash (immediate), with COMMITs under way, and started again',
  draw(random) {
    const downMs = random.between(500, 5_000)
    return {
      details: `down for ${seconds(downMs)}`,
      lastsMs: downMs + 3_000,
      async inflict({ postgres, sleep, expectUnavailable }) {
        await inflictHarm(harmablePostgres(postgres), 'kill', async () => {
          await expectUnavailable()
          await sleep(downMs)
        })
      },
    }
  },
}
