import { startLoad } from '../load.ts'
import type { Scenario } from '../scenario.ts'
import { topics } from '../system-shape.ts'

const HEAP_MB = 64

export const smallHeap: Scenario = {
  name: 'small-heap',
  numbers: [23],
  does: `each app has a heap of ${HEAP_MB} MB, and more to do: it fails visibly or works slowly, and loses nothing`,
  system: async () => ({ settingsOf: () => ({ NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` }) }),
  async inflict(system) {
    const load = await startLoad(system, {
      messages: 50_000,
      batchSize: 500,
      concurrency: 5,
      keys: 1_000,
      topic: topics.load,
    })
    const { code, signal } = await load.exited
    if (code !== 0) throw new Error(`the load test ended with ${code ?? signal}`)
  },
}
