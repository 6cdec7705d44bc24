import { randomInt } from 'node:crypto'
import { readOptions, readWholeNumber } from '../read-options.ts'
import { UsageError } from '../usage-error.ts'
import { allFaults } from './all-faults.ts'
import { allScenarios } from './all-scenarios.ts'
import type { Fault } from './fault.ts'
import type { Scenario } from './scenario.ts'

/** What the command line asks for: help, scenarios, or a run of faults. */
export type ChaosOptions =
  | { kind: 'help' }
  | { kind: 'scenarios'; scenarios: readonly Scenario[] }
  | { kind: 'run'; seed: number; minutes: number; faults: readonly Fault[] }

const OPTIONS = {
  seed: { value: 'N' },
  minutes: { value: 'M' },
  faults: { value: 'NAME,NAME' },
  all: {},
  help: { short: 'h' },
}
const SEED = { min: 0, max: 999_999_999 }
const MINUTES = { min: 1, max: 1_440, usual: 5 }

export const chaosUsage = `pnpm chaos [--seed N] [--minutes M] [--faults NAME,NAME] [--all]     (npm run chaos -- …)
Starts the whole system, loads it, inflicts faults drawn from the seed, and audits what was answered, the outbox, the topics
and the effects in every group.
--seed N       ${SEED.min} to ${SEED.max}; the same one, with the same minutes and faults, inflicts the same (any)
--minutes M    ${MINUTES.min} to ${MINUTES.max}, about (${MINUTES.usual})
--faults LIST  only these (all):
${described(allFaults)}
--all          instead, the scenarios that take long or destroy something, each on a system of its own, or those of --faults:
${described(allScenarios)}
`

/**
 * Reads the command line.
 * @throws {UsageError} for the first thing that is wrong with it
 */
export function readChaosOptions(args: readonly string[]): ChaosOptions {
  const { options, names } = readOptions(args, OPTIONS)
  if (names.length > 0) throw new UsageError(`${names.join(' ')}: chaos takes options alone, such as --seed 1.`)
  if (options.has('help')) return { kind: 'help' }
  const [seed, minutes, faults] = [options.get('seed'), options.get('minutes'), options.get('faults')]
  if (options.has('all')) {
    const drawn = [...options.keys()].find((name) => name === 'seed' || name === 'minutes')
    if (drawn !== undefined) throw new UsageError(`--${drawn} contradicts --all: nothing is drawn for scenarios.`)
    return { kind: 'scenarios', scenarios: chosen(faults, allScenarios) }
  }
  return {
    kind: 'run',
    seed: seed === undefined ? randomInt(SEED.max) : readWholeNumber('seed', seed, SEED),
    minutes: minutes === undefined ? MINUTES.usual : readWholeNumber('minutes', minutes, MINUTES),
    faults: chosen(faults, allFaults),
  }
}

/** In the order in which all are known, so that the order in which they're named doesn't change what is drawn. */
function chosen<Named extends { name: string }>(list: string | undefined, all: readonly Named[]): readonly Named[] {
  if (list === undefined) return all
  const names = list.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !all.some((known) => known.name === name))
  if (unknown === undefined) return all.filter(({ name }) => names.includes(name))
  throw new UsageError(`--faults ${unknown}: not known. Known: ${all.map(({ name }) => name).join(', ')}.`)
}

function described(all: readonly { name: string; does: string }[]): string {
  return all.map(({ name, does }) => `  ${name.padEnd(23)}${does}`).join('\n')
}
