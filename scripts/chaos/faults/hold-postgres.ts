import { badNetwork } from '../bad-network.ts'

export const holdPostgres = badNetwork({
  name: 'hold-postgres',
  numbers: [11],
  does: 'nothing passes between the apps and PostgreSQL: a black hole, in which connections stay open',
  network: 'postgres',
  mode: { kind: 'hold' },
  minMs: 3_000,
  maxMs: 10_000,
})
