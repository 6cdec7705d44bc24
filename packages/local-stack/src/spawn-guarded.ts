import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Ending } from './end-process.ts'
import type { Guardian } from './guardian.ts'

/** How a process came to its end: exit code, or the signal that ended it. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null }

export type GuardedProcess = {
  pid: number
  exited: Promise<Exit>
  signal(signal: NodeJS.Signals): void
  /** Asks it to end as `ending` says, then makes it end. */
  end(): Promise<Exit>
}

export type GuardedCommand = {
  command: string
  args: readonly string[]
  /** The whole environment; this process's own where it's absent. */
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** User and group to run as; only root can ask for others. */
  owner?: { uid: number; gid: number }
  /** File to which standard output and error are appended. */
  logFile: string
  ending: Ending
  guardian: Guardian
}

/**
 * Starts a process that doesn't outlive this one. It stands in a process group of its own, so that Ctrl-C in the
 * terminal reaches only whoever started it, and everything can be stopped in a sensible order.
 * @throws the error of spawn (ENOENT, EACCES, …) when it can't be started
 */
export async function spawnGuarded(options: GuardedCommand): Promise<GuardedProcess> {
  const { command, args, env, cwd, owner, ending, guardian } = options
  const log = openSync(options.logFile, 'a')
  const child = spawn(command, args, {
    ...(env !== undefined && { env }),
    ...(cwd !== undefined && { cwd }),
    ...owner,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => resolve(child.pid ?? 0))
  })
  guardian.guard(pid, ending)
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      guardian.release(pid)
      resolve({ code, signal })
    })
  })
  return {
    pid,
    exited,
    signal: (signal) => void child.kill(signal),
    async end() {
      child.kill(ending.signal)
      const killer = setTimeout(() => child.kill('SIGKILL'), ending.graceMs)
      return await exited.finally(() => clearTimeout(killer))
    },
  }
}
