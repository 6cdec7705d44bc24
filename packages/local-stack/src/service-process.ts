import { setTimeout as sleep } from 'node:timers/promises'
import type { GuardedProcess } from './spawn-guarded.ts'

/** A service's process with the control over it that fault tests need. Leaving the scope ends it. */
export type ServiceProcess = AsyncDisposable & {
  /** Another one after each start. */
  readonly pid: number
  /** Sends any signal: SIGSTOP and SIGCONT, for instance. */
  signal(signal: NodeJS.Signals): void
  /** Ends it at once and waits until it's gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again after its end, in the same folder and on the same port; resolves when it can be used. */
  start(): Promise<void>
}

/** @param launch starts the process and resolves when it can be used */
export async function startService(launch: () => Promise<GuardedProcess>): Promise<ServiceProcess> {
  let current = await launch()
  return {
    get pid() {
      return current.pid
    },
    signal: (signal) => current.signal(signal),
    async kill(signal = 'SIGKILL') {
      current.signal(signal)
      await current.exited
    },
    async start() {
      current = await launch()
    },
    async [Symbol.asyncDispose]() {
      await current.end()
    },
  }
}

export type Readiness = { isReady: () => Promise<boolean>; pollMs: number; withinMs: number }

/**
 * Waits until a started process can be used.
 * @returns false when it ended instead, or took too long and was ended
 */
export async function becomesReady(started: GuardedProcess, readiness: Readiness): Promise<boolean> {
  const ended = started.exited.then(() => true)
  const deadline = Date.now() + readiness.withinMs
  while (Date.now() < deadline) {
    const ready = await readiness.isReady()
    if (await Promise.race([ended, sleep(ready ? 0 : readiness.pollMs, false)])) return false
    if (ready) return true
  }
  await started.end()
  return false
}
