import { readText } from './read-text.ts'

/**
 * The processes that the first thread of a process has started and that still run. Enough for PostgreSQL, which has one
 * thread, and far cheaper than looking through all processes of the machine.
 * @returns none where there is no /proc
 * @see proc(5): /proc/pid/task/tid/children
 */
export function childPids(pid: number): number[] {
  return [...readText(`/proc/${pid}/task/${pid}/children`).matchAll(/\d+/g)].map(([digits]) => Number(digits))
}
