import { badNetwork } from '../bad-network.ts'

export const delayPostgres = badNetwork({
  name: 'delay-postgres',
  numbers: [11],
  does: 'what passes between the apps and PostgreSQL takes 500 ms longer, each way',
  network: 'postgres',
  mode: { kind: 'delay', ms: 500 },
  minMs: 5_000,
  maxMs: 12_000,
})
