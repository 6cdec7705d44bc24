import { badNetwork } from '../bad-network.ts'

export const delayKafka = badNetwork({
  name: 'delay-kafka',
  numbers: [11],
  does: 'what passes between the apps and Kafka takes 500 ms longer, each way',
  network: 'kafka',
  mode: { kind: 'delay', ms: 500 },
  minMs: 5_000,
  maxMs: 12_000,
})
