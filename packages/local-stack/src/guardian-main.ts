import { createInterface } from 'node:readline'
import { type Ending, endProcess } from './end-process.ts'

/** What a guardian is told, a line of JSON each. */
export type GuardianOrder = { guard: number; ending: Ending } | { release: number }

/**
 * The guardian's program: remembers which processes its parent has started, and ends them when the pipe to the
 * parent breaks. That happens however the parent dies, SIGKILL included.
 */
const guarded = new Map<number, Ending>()

for await (const line of createInterface({ input: process.stdin })) {
  const order: GuardianOrder = JSON.parse(line)
  if ('guard' in order) guarded.set(order.guard, order.ending)
  else guarded.delete(order.release)
}
await Promise.all([...guarded].map(([pid, ending]) => endProcess(pid, ending)))
