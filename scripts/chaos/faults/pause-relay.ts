import { pauseApp } from '../pause-app.ts'
import { leaseMs, relays } from '../system-shape.ts'

export const pauseRelay = pauseApp({
  name: 'pause-relay',
  numbers: [3],
  does: 'a relay gets SIGSTOP for longer than its lease, then SIGCONT: it wakes up behind its successors',
  apps: relays,
  minMs: leaseMs + 1_000,
  maxMs: 2 * leaseMs + 2_000,
})
