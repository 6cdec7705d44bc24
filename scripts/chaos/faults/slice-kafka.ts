import { badNetwork } from '../bad-network.ts'

export const sliceKafka = badNetwork({
  name: 'slice-kafka',
  numbers: [11],
  does: 'what passes between the apps and Kafka comes in pieces of one byte',
  network: 'kafka',
  mode: { kind: 'slice' },
  minMs: 5_000,
  maxMs: 10_000,
})
