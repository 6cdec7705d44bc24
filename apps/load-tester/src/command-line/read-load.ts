import { messagesIn, type Stage } from '../plan/timetable.ts'
import { numberOf, textOf } from './given-values.ts'
import { type GivenOptions, knownOptions, type OptionName } from './known-options.ts'
import { lastsMs } from './lasts-ms.ts'
import { readStages } from './read-stages.ts'
import type { RunOptions } from './run-options.ts'
import { UsageError } from './usage-error.ts'

/** How much is sent, and at which pace. */
export type Load = Pick<RunOptions, 'messages' | 'batchSize' | 'concurrency' | 'stages' | 'durationMs' | 'warmUpMs'>

/** As long as an answer may take: then hardly any worker is still busy when its next batch is due. */
const coveredSeconds = 10

/**
 * The load that the options ask for, on top of a scenario's.
 * @throws {UsageError} for options that contradict each other
 */
export function readLoad(given: GivenOptions, scenario: RunOptions, keys: number): Load {
  refuseContradictions(given)
  const amount = readAmount(given, scenario)
  const { messages, stages, durationMs } = amount
  const batchSize = readBatchSize(given, scenario, messages)
  const concurrency = numberOf(given, 'concurrency')
  const warmUpMs = readWarmUp(given, amount)
  return {
    ...(messages !== undefined && { messages }),
    batchSize,
    concurrency:
      concurrency ?? (stages ? openConcurrency(stages, { messages, batchSize, keys }) : scenario.concurrency),
    ...(stages && { stages }),
    ...(durationMs !== undefined && { durationMs }),
    ...(warmUpMs !== undefined && { warmUpMs }),
  }
}

type Amount = { messages?: number; stages?: Stage[]; durationMs?: number }

function readAmount(given: GivenOptions, scenario: RunOptions): Amount {
  const messages = numberOf(given, 'messages') ?? scenario.messages ?? 0
  const rate = numberOf(given, 'rate')
  const seconds = numberOf(given, 'duration')
  const list = textOf(given, 'stages')
  if (list !== undefined) return onTimetable(readStages(list), '--stages')
  if (rate === undefined) return seconds === undefined ? { messages } : { durationMs: seconds * 1_000 }
  const stage = { fromPerSecond: rate, toPerSecond: rate }
  if (seconds === undefined) return { messages, stages: [{ durationMs: (messages / rate) * 1_000, ...stage }] }
  return onTimetable([{ durationMs: seconds * 1_000, ...stage }], `--rate ${rate} for ${seconds} s`)
}

function onTimetable(stages: Stage[], what: string): Amount {
  const messages = messagesIn(stages)
  const { max } = knownOptions.messages.number
  if (messages > max)
    throw new UsageError(`${what}: these are ${messages} messages, and ${max} is the most there can be.`)
  return { messages, stages }
}

function readBatchSize(given: GivenOptions, scenario: RunOptions, messages = Number.POSITIVE_INFINITY): number {
  const batchSize = numberOf(given, 'batch-size')
  if (batchSize === undefined) return Math.min(scenario.batchSize, messages)
  if (batchSize <= messages) return batchSize
  throw new UsageError(`--batch-size ${batchSize} is more than all the ${messages} messages: give at most ${messages}.`)
}

/**
 * An open loop needs as many requests in flight as are due while one of them is answered. Each costs something only when
 * it's used.
 */
function openConcurrency(
  stages: readonly Stage[],
  {
    messages = Number.POSITIVE_INFINITY,
    batchSize,
    keys,
  }: { messages: number | undefined; batchSize: number; keys: number },
): number {
  const fastest = Math.max(...stages.map(({ fromPerSecond, toPerSecond }) => Math.max(fromPerSecond, toPerSecond)))
  const covering = Math.ceil((fastest / batchSize) * coveredSeconds)
  return Math.min(
    Math.max(covering, coveredSeconds),
    Math.ceil(messages / batchSize),
    keys,
    knownOptions.concurrency.number.max,
  )
}

function readWarmUp(given: GivenOptions, amount: Amount): number | undefined {
  const seconds = numberOf(given, 'warm-up')
  if (seconds === undefined) return undefined
  const wholeMs = lastsMs(amount) ?? Number.POSITIVE_INFINITY
  if (seconds * 1_000 < wholeMs) return seconds * 1_000
  throw new UsageError(
    `--warm-up ${seconds}: the whole run takes ${wholeMs / 1_000} s, so nothing of it would be measured.`,
  )
}

function refuseContradictions(given: GivenOptions): void {
  refuse(given, 'stages', ['messages', 'rate', 'duration'], 'the stages say how many messages there are, and when')
  if (given.has('rate')) {
    if (given.has('duration'))
      refuse(given, 'rate', ['messages'], '--rate and --duration together say how many there are')
  } else refuse(given, 'duration', ['messages'], 'a run ends after a time or after so many messages, not after both')
}

function refuse(given: GivenOptions, name: OptionName, others: readonly OptionName[], why: string): void {
  const other = given.has(name) ? others.find((other) => given.has(other)) : undefined
  if (other !== undefined) throw new UsageError(`--${other} contradicts --${name}: ${why}.`)
}
