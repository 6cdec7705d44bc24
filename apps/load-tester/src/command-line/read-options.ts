import { type Fault, parseFault } from '../fault/fault.ts'
import { readThreshold, type Threshold } from '../report/thresholds.ts'
import { type ProgressKind, progressKinds } from '../watch/progress-kind.ts'
import { type GivenOptions, knownOptions, type NumberRange, type OptionName } from './known-options.ts'
import type { RunOptions } from './run-options.ts'
import { UsageError } from './usage-error.ts'

/** What doesn't change what is sent. */
export type Settings = {
  producers: string[] | undefined
  databaseUrl: string | undefined
  runId: string | undefined
  auditTimeoutMs: number
  thresholds: Threshold[]
  json: string | undefined
  html: string | undefined
  progress: ProgressKind
  faults: Fault[]
  verbose: boolean
}

/**
 * Checks each option that was given.
 * @returns the settings, and what puts the options of a run in the place of a scenario's
 * @throws {UsageError}
 */
export function readOptions(given: GivenOptions): {
  settings: Settings
  override: (scenario: RunOptions) => RunOptions
} {
  const settings = {
    producers: readProducers(textOf(given, 'producers')),
    databaseUrl: readDatabaseUrl(textOf(given, 'database-url')),
    runId: readRunId(textOf(given, 'run-id')),
    auditTimeoutMs: (numberOf(given, 'audit-timeout') ?? 120) * 1_000,
    thresholds: textsOf(given, 'threshold').map(readThreshold),
    ...readFiles(given),
    progress: readProgressKind(textOf(given, 'progress')),
    faults: textsOf(given, 'fault').map(parseFault),
    verbose: given.has('verbose'),
  }
  return { settings, override: (scenario) => override(scenario, given) }
}

function override(scenario: RunOptions, given: GivenOptions): RunOptions {
  const messages = numberOf(given, 'messages') ?? scenario.messages
  const batchSize = numberOf(given, 'batch-size')
  if (batchSize !== undefined && batchSize > messages)
    throw new UsageError(
      `--batch-size ${batchSize} is more than all the ${messages} messages: give at most ${messages}.`,
    )
  return {
    messages,
    batchSize: batchSize ?? Math.min(scenario.batchSize, messages),
    concurrency: numberOf(given, 'concurrency') ?? scenario.concurrency,
    keys: numberOf(given, 'keys') ?? scenario.keys,
    topic: readTopic(textOf(given, 'topic')) ?? scenario.topic,
    payloadBytes: numberOf(given, 'payload-bytes') ?? scenario.payloadBytes,
  }
}

function textOf(given: GivenOptions, name: OptionName): string | undefined {
  return textsOf(given, name).at(-1)
}

/** Of an option that may be given several times. */
function textsOf(given: GivenOptions, name: OptionName): string[] {
  return (given.get(name) ?? []).filter((value) => value !== true)
}

type NumberOption = {
  [Name in OptionName]: (typeof knownOptions)[Name] extends { number: NumberRange } ? Name : never
}[OptionName]

function numberOf(given: GivenOptions, name: NumberOption): number | undefined {
  const text = textOf(given, name)
  if (text === undefined) return undefined
  const { min, max } = knownOptions[name].number
  const number = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (number >= min && number <= max) return number
  throw new UsageError(`--${name} ${text}: give a whole number from ${min} to ${max}, in digits alone.`)
}

function readTopic(topic: string | undefined): string | undefined {
  if (topic === undefined || (/^[a-zA-Z0-9._-]{1,249}$/.test(topic) && !/^\.{1,2}$/.test(topic))) return topic
  throw new UsageError(`--topic ${topic}: a topic has 1 to 249 letters, digits, dots, underscores or hyphens.`)
}

function readRunId(runId: string | undefined): string | undefined {
  if (runId === undefined || isRunId(runId)) return runId
  throw new UsageError(`--run-id ${runId}: give 1 to 64 letters, digits, dots, underscores or hyphens.`)
}

/** Whether it can be a folder's name, a part of an `Idempotency-Key`, and of the `loadtest` header. */
export function isRunId(text: string): boolean {
  return /^[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,63}$/.test(text)
}

/** @returns origins, without a slash at their end */
function readProducers(list: string | undefined): string[] | undefined {
  if (list === undefined) return undefined
  const origins = list.split(',').map((item) => readProducer(item.trim()))
  const twice = origins.find((origin, index) => origins.indexOf(origin) !== index)
  if (twice !== undefined) throw new UsageError(`--producers names ${twice} twice.`)
  return origins
}

function readProducer(text: string): string {
  if (text === '') throw new UsageError('--producers has an empty place: give URL,URL,…')
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`--producers ${text}: give an http URL, such as http://127.0.0.1:5301`)
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new UsageError(`--producers ${text}: give host and port alone, such as ${url.protocol}//${url.host}`)
  return url.origin
}

function readDatabaseUrl(text: string | undefined): string | undefined {
  // The value isn't repeated in the message: it may hold a password.
  if (text === undefined || ['postgres:', 'postgresql:'].includes(URL.parse(text)?.protocol ?? '')) return text
  throw new UsageError('--database-url: give a PostgreSQL URL, such as postgres://user:password@127.0.0.1:5432/outbox')
}

function readProgressKind(text = 'auto'): ProgressKind {
  const kind = progressKinds.find((kind) => kind === text)
  if (kind !== undefined) return kind
  throw new UsageError(`--progress ${text}: give one of ${progressKinds.join(', ')}.`)
}

function readFiles(given: GivenOptions): Pick<Settings, 'json' | 'html'> {
  const [json, html] = (['json', 'html'] as const).map((name) => {
    const text = textOf(given, name)
    if (text === '') throw new UsageError(`--${name} needs the name of a file.`)
    return text
  })
  if (json !== undefined && json === html) throw new UsageError(`--json and --html both name ${json}: give two files.`)
  return { json, html }
}
