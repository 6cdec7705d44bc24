import { badNetwork } from '../bad-network.ts'

export const holdKafka = badNetwork({
  name: 'hold-kafka',
  numbers: [11],
  does: 'nothing passes between the apps and Kafka: a black hole, in which connections stay open',
  network: 'kafka',
  mode: { kind: 'hold' },
  minMs: 3_000,
  maxMs: 10_000,
})
