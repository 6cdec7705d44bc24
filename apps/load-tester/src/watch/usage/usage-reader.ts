import { type UsagePart, usageParts } from '../run-sample.ts'

/** What a process or container has used so far, by its own counters, which begin anew when it is started again. */
export type UsageReading = {
  name: string
  part: UsagePart
  /** Which start of it this is: a process id, or a container's. */
  incarnation: string
  cpuMs: number
  memoryBytes: number
}

/** Reads what the parts of the system have used so far. Never throws; what can't be read is left out. */
export type UsageReader = () => Promise<UsageReading[]>

/** @returns what producer-1, consumer-a and the like are part of; undefined for anything else */
export function partOf(name: string): UsagePart | undefined {
  return usageParts.find((part) => name === part || name.startsWith(`${part}-`))
}
