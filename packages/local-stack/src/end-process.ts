import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a process is asked to end, and how long it may take (ms) before SIGKILL. */
export type Ending = { signal: NodeJS.Signals; graceMs: number }

const POLL_MS = 20
const KILLED_MS = 5_000

/** Ends any process of this machine, child or not, and waits until it's gone; one that isn't there is no error. */
export async function endProcess(pid: number, { signal, graceMs }: Ending): Promise<void> {
  if (!signalProcess(pid, signal) || (await isGone(pid, graceMs))) return
  if (signalProcess(pid, 'SIGKILL')) await isGone(pid, KILLED_MS)
}

/** Whether a process with this number runs. One that has ended and only waits for its parent to notice doesn't. */
export function isAlive(pid: number): boolean {
  return signalProcess(pid, 0) && !isZombie(pid)
}

/** @returns false when there is no such process */
function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return true
    return false
  }
}

async function isGone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false
    await sleep(POLL_MS)
  }
  return true
}

/** Where nobody collects orphans (a container's first process seldom does), they stay listed after their end. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.startsWith('Z', stat.lastIndexOf(')') + 2)
  } catch {
    return true
  }
}
