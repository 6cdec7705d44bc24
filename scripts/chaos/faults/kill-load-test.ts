import type { Fault } from '../fault.ts'
import { startLoad, steadyLoad } from '../load.ts'
import { seconds } from '../seconds.ts'

export const killLoadTest: Fault = {
  name: 'kill-load-test',
  numbers: [24],
  does: 'a second load test gets SIGKILL: it can be audited all the same, by its id',
  draw(random) {
    const afterMs = random.between(3_000, 6_000)
    return {
      details: `after ${seconds(afterMs)}`,
      lastsMs: afterMs,
      async inflict(system) {
        const load = await startLoad(system, steadyLoad)
        await system.sleep(afterMs)
        load.signal('SIGKILL')
        await load.exited
      },
    }
  },
}
