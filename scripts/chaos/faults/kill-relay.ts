import { killApp } from '../kill-app.ts'
import { leaseMs, relays } from '../system-shape.ts'

export const killRelay = killApp({
  name: 'kill-relay',
  numbers: [2],
  does: 'a relay gets SIGKILL; it starts again, or others take over once its lease has ended',
  apps: relays,
  downMs: [0, leaseMs + 2_000],
})
