import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in /proc; the kernel's user interface fixes it. */
const clockTicks = 100

/**
 * CPU time in seconds that a process and all that it has started have used so far, the dead ones that were waited for
 * included.
 * @returns NaN when it isn't there, or where there is no /proc
 * @see proc(5): /proc/pid/stat, fields 4 and 14 to 17
 */
export function cpuSeconds(pid: number): number {
  const own = statOf(pid)
  if (own === undefined) return Number.NaN
  const children = childrenByParent()
  const ticksBelow = (parent: number): number =>
    (children.get(parent) ?? []).reduce((ticks, child) => ticks + child.ticks + ticksBelow(child.pid), 0)
  return (own.ticks + ticksBelow(pid)) / clockTicks
}

/**
 * The most memory that a process has had so far, in MB.
 * @returns NaN when it isn't there, or where there is no /proc
 * @see proc(5): VmHWM in /proc/pid/status
 */
export function peakMegabytes(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1]
  // What proc(5) calls kB are 1,024 bytes.
  return (Number(kilobytes ?? Number.NaN) * 1_024) / 1e6
}

type Stat = { pid: number; parent: number; ticks: number }

function childrenByParent(): Map<number, Stat[]> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return Map.groupBy(
    pids.flatMap((pid) => statOf(Number(pid)) ?? []),
    ({ parent }) => parent,
  )
}

function statOf(pid: number): Stat | undefined {
  const text = read(`/proc/${pid}/stat`)
  if (text === '') return undefined
  // The command's name, in brackets, may hold anything.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + field, 0)
  return { pid, parent: fields[1] ?? 0, ticks }
}

/** @returns an empty string when there is no such file */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
