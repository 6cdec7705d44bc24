import type { Harmable } from './harmable.ts'

/** `kill`: down as by a crash; `stop`: down in good order; `pause`: there, but it stands still. */
export type Harm = 'kill' | 'pause' | 'stop'

/**
 * Harms a part of the system for as long as `meanwhile` takes, and undoes it, whatever becomes of that.
 * @throws what `meanwhile` throws; or that there is nothing to pause, or that it doesn't come up again
 */
export async function inflictHarm(part: Harmable, harm: Harm, meanwhile: () => Promise<unknown>): Promise<void> {
  if (harm === 'pause') {
    // The parent first, which starts no others then.
    process.kill(part.pid, 'SIGSTOP')
    const pids = new Set([part.pid])
    try {
      for (const pid of part.pids()) if (pids.add(pid)) signal(pid, 'SIGSTOP')
      await meanwhile()
    } finally {
      for (const pid of pids) signal(pid, 'SIGCONT')
    }
    return
  }
  await part.takeDown(harm)
  try {
    await meanwhile()
  } finally {
    await part.bringUp()
  }
}

/** Whoever has ended meanwhile is none the worse for it. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
