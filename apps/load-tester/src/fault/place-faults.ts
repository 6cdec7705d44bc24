import type { RunningSystem } from '@outbox/service/running-system'
import { UsageError } from '../command-line/usage-error.ts'
import type { Fault } from './fault.ts'

/** Faults of which it is known whom they hit, and who inflicts them. */
export type PlacedFaults = { faults: readonly Fault[]; server: NonNullable<RunningSystem['faults']> }

/**
 * Finds out before the run whether each fault can be inflicted.
 * @param running the system that is sent to, where it runs on this machine under `npm start`
 * @param lastsMs how long is sent, where that is given
 * @returns undefined where none is asked for
 * @throws {UsageError} for the first one that can't
 */
export function placeFaults(
  faults: readonly Fault[],
  running: RunningSystem | undefined,
  lastsMs: number | undefined,
): PlacedFaults | undefined {
  const [first] = faults
  if (first === undefined) return undefined
  const server = running?.faults
  if (running === undefined || server === undefined)
    throw new UsageError(
      `--fault ${first.written}: faults are inflicted on a system of this machine alone. Send to the one that npm start keeps up in this folder.`,
    )
  const names = [...running.apps, ...(running.services ?? [])].map(({ name }) => name)
  const placed = faults.map((fault) => ({ ...fault, part: nameOf(fault, names) }))
  const late = lastsMs === undefined ? undefined : faults.find(({ atMs }) => atMs >= lastsMs)
  if (late !== undefined)
    throw new UsageError(`--fault ${late.written}: by then the run is over, which lasts ${(lastsMs ?? 0) / 1_000} s.`)
  return { faults: placed, server }
}

const services = ['postgres', 'kafka']

function nameOf({ part, written }: Fault, names: readonly string[]): string {
  const name = names.find((name) => name === part) ?? names.find((name) => name.startsWith(`${part}-`))
  if (name !== undefined) return name
  if (services.includes(part))
    throw new UsageError(`--fault ${written}: ${part} is no process of this system, and only such can be harmed.`)
  throw new UsageError(`--fault ${written}: the system has no ${part}. It has: ${names.join(', ')}.`)
}
