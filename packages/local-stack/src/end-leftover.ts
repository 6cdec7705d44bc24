import { readFile, rm } from 'node:fs/promises'
import { commandLine } from './command-line.ts'
import { endProcess } from './end-process.ts'

const GRACE_MS = 10_000

export type Leftover = {
  /** Its first line is the number of the process that last ran on the folder. */
  pidFile: string
  /** Part of that process's command line; whoever lacks it has merely got the same number. */
  mark: string
  signal: NodeJS.Signals
}

/**
 * Ends the service that a killed run left on a folder, and removes its pid file, which might name a stranger by now.
 * The caller vouches that nobody uses the folder any more.
 */
export async function endLeftover({ pidFile, mark, signal }: Leftover): Promise<void> {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10)
  if (Number.isNaN(pid)) return
  if ((await commandLine(pid)).includes(mark)) await endProcess(pid, { signal, graceMs: GRACE_MS })
  await rm(pidFile, { force: true })
}
