import { childPids } from './child-pids.ts'
import { readText } from './read-text.ts'

/** Clock ticks a second in /proc; the kernel's user interface fixes it. */
const clockTicks = 100

/**
 * CPU time in seconds that a process and all that it has started have used so far, the dead ones that were waited for
 * included.
 * @returns NaN when it isn't there, or where there is no /proc
 * @see proc(5): /proc/pid/stat, fields 14 to 17
 */
export function cpuSeconds(pid: number): number {
  const ticks = ticksOf(pid)
  return ticks === undefined ? Number.NaN : (ticks + ticksBelow(pid)) / clockTicks
}

/**
 * The most memory that a process has had so far, in MB.
 * @returns NaN when it isn't there, or where there is no /proc
 * @see proc(5): VmHWM in /proc/pid/status
 */
export function peakMegabytes(pid: number): number {
  return (kilobytes(readText(`/proc/${pid}/status`), 'VmHWM') * bytesOfKilobyte) / 1e6
}

/**
 * What a process and all that it has started have in memory, in bytes. What they share, such as PostgreSQL's buffers,
 * counts once: as much of it as the one has that has most.
 * @returns NaN when it isn't there, or where there is no /proc
 * @see proc(5): RssAnon, RssFile and RssShmem in /proc/pid/status
 */
export function memoryBytes(pid: number): number {
  const own = residentOf(pid)
  const below = descendants(pid)
    .map(residentOf)
    .filter(({ anonymous }) => !Number.isNaN(anonymous))
  const all = [own, ...below]
  const anonymous = all.reduce((sum, { anonymous }) => sum + anonymous, 0)
  return (anonymous + Math.max(...all.map(({ shared }) => shared))) * bytesOfKilobyte
}

/** What proc(5) calls kB. */
const bytesOfKilobyte = 1_024

function residentOf(pid: number): { anonymous: number; shared: number } {
  const status = readText(`/proc/${pid}/status`)
  return {
    anonymous: kilobytes(status, 'RssAnon'),
    shared: kilobytes(status, 'RssFile') + kilobytes(status, 'RssShmem'),
  }
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN)
}

function ticksBelow(pid: number): number {
  return childPids(pid).reduce((sum, child) => sum + (ticksOf(child) ?? 0) + ticksBelow(child), 0)
}

function descendants(pid: number): number[] {
  return childPids(pid).flatMap((child) => [child, ...descendants(child)])
}

function ticksOf(pid: number): number | undefined {
  const text = readText(`/proc/${pid}/stat`)
  if (text === '') return undefined
  // The command's name, in brackets, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
}
