import { randomInt } from 'node:crypto'
import { readOptions, readWholeNumber } from '../read-options.ts'
import { UsageError } from '../usage-error.ts'
import { allFaults } from './all-faults.ts'
import type { Fault } from './fault.ts'

/** What the command line asks for. */
export type ChaosOptions = { seed: number; minutes: number; faults: readonly Fault[]; help: boolean }

const OPTIONS = {
  seed: { value: 'N' },
  minutes: { value: 'M' },
  faults: { value: 'NAME,NAME' },
  help: { short: 'h' },
}
const SEED = { min: 0, max: 999_999_999 }
const MINUTES = { min: 1, max: 1_440, usual: 5 }

export const chaosUsage = `pnpm chaos [--seed N] [--minutes M] [--faults NAME,NAME]     (npm run chaos -- …)
Starts the whole system, loads it, inflicts faults drawn from the seed, and audits what was answered, the outbox, the topics
and the effects in every group.
--seed N       ${SEED.min} to ${SEED.max}; the same one, with the same minutes and faults, inflicts the same (any)
--minutes M    ${MINUTES.min} to ${MINUTES.max}, about (${MINUTES.usual})
--faults LIST  only these (all):
${allFaults.map(({ name, does }) => `  ${name.padEnd(23)}${does}`).join('\n')}
`

/**
 * Reads the command line.
 * @throws {UsageError} for the first thing that is wrong with it
 */
export function readChaosOptions(args: readonly string[]): ChaosOptions {
  const { options, names } = readOptions(args, OPTIONS)
  if (names.length > 0) throw new UsageError(`${names.join(' ')}: chaos takes options alone, such as --seed 1.`)
  const [seed, minutes, faults] = [options.get('seed'), options.get('minutes'), options.get('faults')]
  return {
    seed: seed === undefined ? randomInt(SEED.max) : readWholeNumber('seed', seed, SEED),
    minutes: minutes === undefined ? MINUTES.usual : readWholeNumber('minutes', minutes, MINUTES),
    faults: faults === undefined ? allFaults : readFaults(faults),
    help: options.has('help'),
  }
}

function readFaults(list: string): Fault[] {
  const names = list.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !allFaults.some((fault) => fault.name === name))
  if (unknown !== undefined) {
    throw new UsageError(`--faults ${unknown}: not known. Known: ${allFaults.map(({ name }) => name).join(', ')}.`)
  }
  // In the order of the list above, so that the order in which they are named doesn't change what is drawn.
  return allFaults.filter(({ name }) => names.includes(name))
}
