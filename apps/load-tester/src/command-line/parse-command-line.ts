import { parseArgs } from 'node:util'
import type { Saturation, SearchLoad } from '../saturation/run-saturation.ts'
import { type GivenOptions, type KnownOption, knownOptions, type OptionName } from './known-options.ts'
import { readOptions, type Settings } from './read-options.ts'
import type { RunOptions } from './run-options.ts'
import { type ScenarioName, scenarios } from './scenarios.ts'
import { UsageError } from './usage-error.ts'

/** What the command line asks for. */
export type Command =
  | { kind: 'help' }
  | { kind: 'run'; scenario: ScenarioName; options: RunOptions; settings: Settings }
  | { kind: 'demo'; quick: RunOptions; medium: RunOptions; settings: Settings }
  | ({ kind: 'saturation' } & Saturation)
  | { kind: 'audit'; runId: string; settings: Settings }
  | { kind: 'compare'; files: { first: string; second: string } }

/**
 * Reads the command line.
 * @throws {UsageError} for the first thing that is wrong with it
 */
export function parseCommandLine(args: readonly string[]): Command {
  const { given, names } = split(args)
  if (given.has('help')) return { kind: 'help' }
  const [name = 'quick', ...more] = names
  if (name === 'audit') return auditCommand(more, given)
  if (name === 'compare') return compareCommand(more, given)
  if (more.length > 0)
    throw new UsageError(`One scenario at a time: ${[name, ...more].join(' ')} are ${more.length + 1}.`)
  if (name === 'demo') return demoCommand(given)
  if (name === 'saturation') return saturationCommand(given)
  if (!isScenario(name))
    throw new UsageError(
      `Unknown scenario ${name}. Known: ${[...Object.keys(scenarios), 'demo', 'saturation'].join(', ')}.`,
    )
  const { settings, override } = readOptions(given)
  return { kind: 'run', scenario: name, options: override(scenarios[name]), settings }
}

function demoCommand(given: GivenOptions): Command {
  refuse(given, ['run-id'], 'demo makes two runs, which need two ids')
  refuse(given, ['fault'], 'demo shows how a run goes when nothing is in its way')
  const { settings, override } = readOptions(given)
  return { kind: 'demo', quick: override(scenarios.quick), medium: override(scenarios.medium), settings }
}

function saturationCommand(given: GivenOptions): Command {
  const ofOneRun = ['messages', 'rate', 'duration', 'stages', 'warm-up', 'run-id', 'html', 'fault'] as const
  refuse(given, ofOneRun, 'saturation makes many runs, and chooses their rates itself')
  const optionsOf = ({ rate, seconds, batchSize }: SearchLoad) => {
    const chosen: GivenOptions = new Map([
      ['batch-size', [`${batchSize}`]],
      ['duration', [`${seconds}`]],
      ...(rate === undefined ? [] : [['rate', [`${rate}`]] as const]),
      ...given,
    ])
    return readOptions(chosen).override(scenarios.large)
  }
  return {
    kind: 'saturation',
    optionsOf,
    batchSizeGiven: given.has('batch-size'),
    settings: readOptions(given).settings,
  }
}

function auditCommand(names: readonly string[], given: GivenOptions): Command {
  const [runId, ...more] = names
  if (runId === undefined || more.length > 0) throw new UsageError('Write: loadtest audit RUN-ID')
  const ofSending = [
    'messages',
    'batch-size',
    'concurrency',
    'rate',
    'duration',
    'stages',
    'warm-up',
    'topic',
    'keys',
    'key-skew',
    'payload-bytes',
    'payloads',
    'producers',
    'consumers',
    'run-id',
    'fault',
  ] as const
  refuse(given, ofSending, 'audit sends nothing')
  return { kind: 'audit', runId, settings: readOptions(given).settings }
}

function compareCommand(names: readonly string[], given: GivenOptions): Command {
  const [first, second, ...more] = names
  if (first === undefined || second === undefined || more.length > 0)
    throw new UsageError('Write: loadtest compare A.json B.json')
  refuse(given, [...given.keys()], 'compare reads two reports and runs nothing')
  return { kind: 'compare', files: { first, second } }
}

function refuse(given: GivenOptions, names: readonly OptionName[], why: string): void {
  const name = names.find((name) => given.has(name))
  if (name !== undefined) throw new UsageError(`--${name} contradicts the command: ${why}.`)
}

function isScenario(name: string): name is ScenarioName {
  return Object.hasOwn(scenarios, name)
}

/** Options by name, and the rest. Node's own strictness would stop at `--messages -1` with a riddle. */
function split(args: readonly string[]): { given: GivenOptions; names: string[] } {
  const options = Object.fromEntries(
    Object.entries<KnownOption>(knownOptions).map(([name, { value, short }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const given = new Map<OptionName, (string | true)[]>()
  const names: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') names.push(token.value)
    if (token.kind !== 'option') continue
    if (!isKnown(token.name)) throw unknownOption(token.rawName)
    const before = given.get(token.name) ?? []
    if (before.length > 0 && !isRepeatable(token.name)) throw new UsageError(`${token.rawName} is given twice.`)
    given.set(token.name, [...before, readValue(token.name, token.value)])
  }
  return { given, names }
}

function isKnown(name: string): name is OptionName {
  return Object.hasOwn(knownOptions, name)
}

function isRepeatable(name: OptionName): boolean {
  const known: KnownOption = knownOptions[name]
  return known.repeatable === true
}

function unknownOption(written: string): UsageError {
  const names = Object.keys(knownOptions).map((name) => `--${name}`)
  return new UsageError(`Unknown option ${written}. Known: ${names.join(' ')}.`)
}

function readValue(name: OptionName, value: string | undefined): string | true {
  const known: KnownOption = knownOptions[name]
  if (known.value === undefined) {
    if (value !== undefined) throw new UsageError(`--${name} takes no value, so leave out "=${value}".`)
    return true
  }
  if (value === undefined || value.startsWith('--'))
    throw new UsageError(`--${name} needs a value: --${name} ${known.value}`)
  return value
}
