import { expect, test } from 'vitest'
import { localSystem } from '../../../scripts/local-system.ts'
import { readSystemSize } from '../../../scripts/system-size.ts'

const portsOf = (args: string[]) => {
  const { apps } = localSystem({}, () => {}, readSystemSize(args))
  return apps.map(({ name, port, settings }) => [name, port, settings.CONSUMER_GROUP].filter((part) => part).join(' '))
}

test('without options it is three producers, a relay and three groups of two', () => {
  expect(portsOf([])).toEqual([
    ...['producer-1 5301', 'producer-2 5302', 'producer-3 5303', 'relay-1 5501'],
    ...['consumer-1 5401 group-a', 'consumer-2 5402 group-a', 'consumer-3 5403 group-b'],
    ...['consumer-4 5404 group-b', 'consumer-5 5405 group-c', 'consumer-6 5406 group-c'],
  ])
})

test.for([3, 4, 5, 9, 18])('%i consumers are shared out over three groups', (consumers) => {
  const ports = portsOf(['--consumers', String(consumers)])
  const sizes = ['a', 'b', 'c'].map((group) => ports.filter((app) => app.endsWith(`group-${group}`)).length)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(consumers)
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
})

test('each app has a port of its own, whatever their number', () => {
  const { apps } = localSystem({}, () => {}, readSystemSize(['--producers=10', '--relays=16', '--consumers=18']))
  expect(apps).toHaveLength(44)
  expect(new Set(apps.map(({ port }) => port)).size).toBe(44)
})

test.for([
  [['--relays', '0'], '--relays 0: give a whole number from 1 to 16, in digits alone.'],
  [['--relays', '-1'], '--relays -1: give a whole number from 1 to 16, in digits alone.'],
  [['--producers=1e1'], '--producers 1e1: give a whole number from 1 to 10, in digits alone.'],
  [['--consumers', '2'], '--consumers 2: give a whole number from 3 to 18, in digits alone.'],
  [['--relays'], '--relays needs a value: --relays N'],
  [['--relays', '--help'], '--relays needs a value: --relays N'],
  [['--relays', '2', '--relays', '2'], '--relays is given twice.'],
  [['--toString', '2'], 'Unknown option --toString. Known: --producers --relays --consumers --help.'],
  [['--help=yes'], '--help takes no value, so leave out "=yes".'],
  [['3'], '3: start takes options alone, such as --relays 3.'],
] as const)('%j is refused with what to write instead', ([args, message]) => {
  expect(() => readSystemSize(args)).toThrow(message)
})
