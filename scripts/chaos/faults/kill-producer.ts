import { killApp } from '../kill-app.ts'
import { producers } from '../system-shape.ts'

export const killProducer = killApp({
  name: 'kill-producer',
  numbers: [1],
  does: 'a producer gets SIGKILL in the middle of requests',
  apps: producers,
  downMs: [0, 2_000],
})
