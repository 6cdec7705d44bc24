import { cpuSeconds, memoryBytes } from '@outbox/processes/process-cost'
import type { RunningSystem } from '@outbox/service/running-system'
import { partOf, type UsageReader } from './usage-reader.ts'

/** Memory is read less often: it changes slowly, and PostgreSQL has dozens of processes. */
const memoryEvery = 5

/**
 * Reads the processes of a system that runs on this machine: its apps, and PostgreSQL and Kafka where these are its own.
 * @param system as it is now, with the process ids of what was started again
 */
export function processUsage(system: () => RunningSystem | undefined): UsageReader {
  const memory = new Map<number, number>()
  let known = system()
  let reads = 0
  return async () => {
    const looksAtMemory = reads % memoryEvery === 0
    reads += 1
    const processes = processesOf(known)
    const readings = processes.flatMap(({ name, pid }) => {
      const part = partOf(name)
      const cpuMs = cpuSeconds(pid) * 1_000
      if (looksAtMemory || !memory.has(pid)) memory.set(pid, memoryBytes(pid))
      const bytes = memory.get(pid) ?? Number.NaN
      // It is gone, or has ended and only waits for its parent to notice.
      if (part === undefined || Number.isNaN(cpuMs + bytes)) return []
      return [{ name, part, incarnation: String(pid), cpuMs, memoryBytes: bytes }]
    })
    // Somebody is gone, and will be back under another number.
    if (readings.length < processes.length) known = system() ?? known
    return readings
  }
}

function processesOf(system: RunningSystem | undefined): { name: string; pid: number }[] {
  const all = [...(system?.apps ?? []), ...(system?.services ?? [])]
  return all.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]))
}
