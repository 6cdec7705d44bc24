import { readOptions, readWholeNumber } from './read-options.ts'
import { UsageError } from './usage-error.ts'

/** How many processes of each app a system has. */
export type SystemSize = { producers: number; relays: number; consumers: number }

export const standardSize: SystemSize = { producers: 3, relays: 1, consumers: 6 }

/**
 * More relays than the log's 16 shards, and more members of one of the three groups than the topic's 6 partitions, would have
 * nothing to do; each of the groups needs a member.
 */
const BOUNDS = {
  producers: { min: 1, max: 10 },
  relays: { min: 1, max: 16 },
  consumers: { min: 3, max: 18 },
}

const OPTIONS = {
  producers: { value: 'N' },
  relays: { value: 'N' },
  consumers: { value: 'N' },
  help: { short: 'h' },
}

/** A line for each option. */
export const sizeUsage = (['producers', 'relays', 'consumers'] as const)
  .map((name) => `${`--${name} N`.padEnd(16)}${BOUNDS[name].min} to ${BOUNDS[name].max} (${standardSize[name]})`)
  .join('\n')

/**
 * Reads a command line that says how large the system shall be.
 * @returns undefined when it asks for help
 * @throws {UsageError} for the first thing that is wrong with it
 */
export function readSystemSize(args: readonly string[]): SystemSize | undefined {
  const { options, names } = readOptions(args, OPTIONS)
  if (names.length > 0) throw new UsageError(`${names.join(' ')}: start takes options alone, such as --relays 3.`)
  if (options.has('help')) return undefined
  const count = (name: keyof SystemSize) => {
    const text = options.get(name)
    return text === undefined ? standardSize[name] : readWholeNumber(name, text, BOUNDS[name])
  }
  return { producers: count('producers'), relays: count('relays'), consumers: count('consumers') }
}
