import { harmableKafka } from '@outbox/local-stack/harmable'
import { inflictHarm } from '@outbox/local-stack/inflict-harm'
import type { Fault } from '../fault.ts'
import { seconds } from '../seconds.ts'

const downMs = 8_000

export const killBroker: Fault = {
  name: 'kill-broker',
  numbers: [8],
  does: 'Kafka gets SIGKILL and starts again 8 s later; producers go on answering 202 meanwhile',
  draw: () => ({
    details: `down for ${seconds(downMs)}`,
    lastsMs: downMs + 6_000,
    async inflict({ kafka, sleep, expectAccepted }) {
      await inflictHarm(harmableKafka(kafka), 'kill', async () => {
        await sleep(downMs)
        await expectAccepted()
      })
    },
  }),
}
