import { harmableKafka } from '@outbox/local-stack/harmable'
import { inflictHarm } from '@outbox/local-stack/inflict-harm'
import type { Fault } from '../fault.ts'
import { seconds } from '../seconds.ts'

export const pauseBroker: Fault = {
  name: 'pause-broker',
  numbers: [9],
  does: 'Kafka gets SIGSTOP, then SIGCONT: nothing is refused, nothing is answered',
  draw(random) {
    const forMs = random.between(3_000, 12_000)
    return {
      details: `for ${seconds(forMs)}`,
      lastsMs: forMs,
      async inflict({ kafka, sleep, expectAccepted }) {
        await inflictHarm(harmableKafka(kafka), 'pause', async () => {
          await sleep(forMs)
          await expectAccepted()
        })
      },
    }
  },
}
