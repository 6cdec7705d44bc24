import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Ending } from './end-process.ts'
import type { GuardianOrder } from './guardian-main.ts'

/** Ends processes that this one has started, should this one die before it can do so itself. */
export type Guardian = {
  /** From now on `pid` doesn't outlive this process. */
  guard(pid: number, ending: Ending): void
  /** `pid` has ended: its number may soon be someone else's. */
  release(pid: number): void
}

/**
 * Starts a guardian: a process of its own that Ctrl-C doesn't reach, tied to this one by a pipe only.
 * It ends with this process and doesn't keep it from ending.
 */
export function startGuardian(): Guardian {
  const program = fileURLToPath(new URL('./guardian-main.ts', import.meta.url))
  const child = spawn(process.execPath, [program], {
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.unref()
  child.on('error', () => {})
  // A guardian that somebody killed is no reason to stop: what it guarded still ends in an orderly stop.
  child.stdin.on('error', () => {})
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  const tell = (order: GuardianOrder) => child.stdin.write(`${JSON.stringify(order)}\n`)
  return {
    guard: (pid, ending) => void tell({ guard: pid, ending }),
    release: (pid) => void tell({ release: pid }),
  }
}
