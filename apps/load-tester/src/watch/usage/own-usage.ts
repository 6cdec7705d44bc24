import type { UsageReading } from './usage-reader.ts'

/** What this process has used so far. */
export function ownUsage(): UsageReading {
  const { user, system } = process.cpuUsage()
  return {
    name: 'load-tester',
    part: 'load-tester',
    incarnation: String(process.pid),
    cpuMs: (user + system) / 1_000,
    memoryBytes: process.memoryUsage.rss(),
  }
}
