import { pauseApp } from '../pause-app.ts'
import { consumers, sessionTimeoutMs } from '../system-shape.ts'

export const pauseConsumer = pauseApp({
  name: 'pause-consumer',
  numbers: [6],
  does: 'a consumer gets SIGSTOP for longer than its session, then SIGCONT: its transaction commits late or never',
  apps: consumers,
  minMs: sessionTimeoutMs + 1_000,
  maxMs: sessionTimeoutMs + 6_000,
})
