import { type Fault, parseFault } from '../fault/fault.ts'
import { readThreshold, type Threshold } from '../report/thresholds.ts'
import { type ProgressKind, progressKinds } from '../watch/progress-kind.ts'
import { numberOf, textOf, textsOf } from './given-values.ts'
import type { GivenOptions } from './known-options.ts'
import { readLoad } from './read-load.ts'
import { readPayloads } from './read-payloads.ts'
import { readUrls } from './read-urls.ts'
import type { RunOptions } from './run-options.ts'
import { UsageError } from './usage-error.ts'

/** What doesn't change what is sent. */
export type Settings = {
  producers: string[] | undefined
  consumers: string[] | undefined
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
    producers: readUrls(textOf(given, 'producers'), { option: '--producers', such: 'http://127.0.0.1:5301' }),
    consumers: readUrls(textOf(given, 'consumers'), { option: '--consumers', such: 'http://127.0.0.1:5401' }),
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
  const keys = numberOf(given, 'keys') ?? scenario.keys
  return {
    ...readLoad(given, scenario, keys),
    keys,
    topic: readTopic(textOf(given, 'topic')) ?? scenario.topic,
    ...readSkew(textOf(given, 'key-skew')),
    ...readPayloads(given, scenario),
  }
}

const mostSkewed = 3

function readSkew(text: string | undefined): Pick<RunOptions, 'keySkew'> {
  if (text === undefined) return {}
  const keySkew = /^[0-9](\.[0-9]{1,6})?$/.test(text) ? Number(text) : Number.NaN
  if (!(keySkew <= mostSkewed))
    throw new UsageError(`--key-skew ${text}: give a number from 0 to ${mostSkewed}, such as 0.99`)
  return keySkew === 0 ? {} : { keySkew }
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
