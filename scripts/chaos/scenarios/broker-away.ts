import type { Scenario } from '../scenario.ts'

const AWAY_MS = 120_000
const LOOK_MS = 10_000

export const brokerAway: Scenario = {
  name: 'broker-away',
  numbers: [8],
  does: 'Kafka is away for two minutes: producers go on answering 202, and all of it is published by itself afterwards',
  async inflict({ kafka, sleep, expectAccepted }) {
    await kafka.kill()
    try {
      for (let ms = 0; ms < AWAY_MS; ms += LOOK_MS) {
        await sleep(LOOK_MS)
        await expectAccepted()
      }
    } finally {
      await kafka.start()
    }
  },
}
