import { UsageError } from '../command-line/usage-error.ts'

/** A fault as it is asked for: what is to be done to which part, when and for how long. */
export type Fault = {
  /** As it stands on the command line. */
  written: string
  /** `kill`: down as by a crash; `stop`: down in good order; `pause`: there, but it stands still. */
  harm: 'kill' | 'pause' | 'stop'
  /** relay-1, or relay, which is the first of them; postgres, kafka */
  part: string
  /** Since the run's start. */
  atMs: number
  /** 0: it comes up again at once. */
  forMs: number
}

const longestMs = 600_000
const how =
  'write HARM:PART@TIME or HARM:PART@TIME+LENGTH, such as kill:relay@30s or pause:consumer-2@30s+10s; HARM is kill, pause or stop, times end in ms, s or m'

/**
 * Reads a fault.
 * @throws {UsageError} for anything else
 */
export function parseFault(written: string): Fault {
  const [, harm, part = '', at = '', length] =
    /^(kill|pause|stop):([A-Za-z0-9_.-]+)@([0-9]+[a-z]+)(?:\+([0-9]+[a-z]+))?$/.exec(written) ?? []
  const atMs = parseMs(at)
  const forMs = length === undefined ? 0 : parseMs(length)
  if (harm === undefined || atMs === undefined || forMs === undefined)
    throw new UsageError(`--fault ${written}: ${how}.`)
  if (harm !== 'kill' && forMs === 0)
    throw new UsageError(`--fault ${written}: say for how long, such as ${harm}:${part}@${at}+10s.`)
  if (forMs > longestMs) throw new UsageError(`--fault ${written}: a fault lasts ten minutes at most, +10m.`)
  return { written, harm: harm as Fault['harm'], part, atMs, forMs }
}

const units = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
])

function parseMs(text: string): number | undefined {
  const [, digits, unit = ''] = /^([0-9]{1,9})([a-z]+)$/.exec(text) ?? []
  const unitMs = units.get(unit)
  return unitMs === undefined ? undefined : Number(digits) * unitMs
}
