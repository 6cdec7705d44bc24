import { expect, test } from 'vitest'
import { allFaults } from '../../../../scripts/chaos/all-faults.ts'
import { allScenarios } from '../../../../scripts/chaos/all-scenarios.ts'
import { chaosUsage, readChaosOptions } from '../../../../scripts/chaos/chaos-options.ts'

const faultNames = (args: string[]) => {
  const options = readChaosOptions(args)
  return options.kind === 'run' ? options.faults.map(({ name }) => name) : undefined
}

test('without options it is all faults, five minutes, any seed', () => {
  expect(readChaosOptions([])).toEqual({ kind: 'run', seed: expect.any(Number), minutes: 5, faults: allFaults })
})

test('the order in which faults are named changes nothing', () => {
  expect(faultNames(['--faults', 'kill-broker,kill-relay'])).toEqual(['kill-relay', 'kill-broker'])
  expect(faultNames(['--faults', ' kill-relay, kill-broker'])).toEqual(['kill-relay', 'kill-broker'])
})

test('scenarios are chosen by the same option', () => {
  expect(readChaosOptions(['--all'])).toEqual({ kind: 'scenarios', scenarios: allScenarios })
  expect(readChaosOptions(['--all', '--faults', 'disk-full'])).toMatchObject({ scenarios: [{ name: 'disk-full' }] })
})

test('the help names every fault and every scenario', () => {
  for (const { name, does } of [...allFaults, ...allScenarios]) {
    expect(chaosUsage).toContain(`  ${name.padEnd(23)}${does}\n`)
  }
  expect(readChaosOptions(['--help', '--faults', 'x'])).toEqual({ kind: 'help' })
})

test.for([
  [['--faults', 'kill-everything'], '--faults kill-everything: not known. Known: kill-producer, '],
  [['--faults', 'broker-away'], '--faults broker-away: not known'],
  [['--faults', ''], '--faults : not known'],
  [['--all', '--faults', 'kill-relay'], '--faults kill-relay: not known. Known: broker-away, '],
  [['--all', '--seed', '1'], '--seed contradicts --all: nothing is drawn for scenarios.'],
  [['--minutes', '0'], '--minutes 0: give a whole number from 1 to 1440'],
  [['--seed', '-1'], '--seed -1: give a whole number from 0 to 999999999'],
  [['20'], '20: chaos takes options alone, such as --seed 1.'],
] as const)('%j is refused with what to write instead', ([args, message]) => {
  expect(() => readChaosOptions(args)).toThrow(message)
})
