import type { Fault } from '../fault.ts'
import { readReport, startLoad, steadyLoad } from '../load.ts'
import { seconds } from '../seconds.ts'

const EXIT_INTERRUPTED = 130

export const interruptLoadTest: Fault = {
  name: 'interrupt-load-test',
  numbers: [24],
  does: 'a second load test gets SIGINT: it still reports, ends with 130, and is audited like the others',
  draw(random) {
    const afterMs = random.between(3_000, 6_000)
    return {
      details: `after ${seconds(afterMs)}`,
      lastsMs: afterMs + 3_000,
      async inflict(system) {
        const load = await startLoad(system, steadyLoad)
        await system.sleep(afterMs)
        const { code, signal } = await load.end()
        if (code !== EXIT_INTERRUPTED) throw new Error(`it ended with ${code ?? signal} instead of ${EXIT_INTERRUPTED}`)
        const report = await readReport(load.run)
        if (report?.verdict !== 'interrupted') throw new Error(`it reported ${report?.verdict} instead of interrupted`)
      },
    }
  },
}
