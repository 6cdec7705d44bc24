import { badNetwork } from '../bad-network.ts'

export const slicePostgres = badNetwork({
  name: 'slice-postgres',
  numbers: [11],
  does: 'what passes between the apps and PostgreSQL comes in pieces of one byte',
  network: 'postgres',
  mode: { kind: 'slice' },
  minMs: 5_000,
  maxMs: 10_000,
})
