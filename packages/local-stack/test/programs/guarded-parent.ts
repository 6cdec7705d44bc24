import { startGuardian } from '../../src/guardian.ts'
import { spawnGuarded } from '../../src/spawn-guarded.ts'

// Starts a guarded process that would run for ever, says its number, and waits to be killed.
const child = await spawnGuarded({
  command: process.execPath,
  args: ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'],
  logFile: process.argv[2] ?? '',
  ending: { signal: 'SIGTERM', graceMs: 200 },
  guardian: startGuardian(),
})
process.stdout.write(`${child.pid}\n`)
setInterval(() => {}, 1_000)
