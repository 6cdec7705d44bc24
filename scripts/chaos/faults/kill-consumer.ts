import { killApp } from '../kill-app.ts'
import { consumers, sessionTimeoutMs } from '../system-shape.ts'

export const killConsumer = killApp({
  name: 'kill-consumer',
  numbers: [5],
  does: 'a consumer gets SIGKILL, somewhere between effect and offset',
  apps: consumers,
  downMs: [0, sessionTimeoutMs + 2_000],
})
