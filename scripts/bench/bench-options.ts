import { readOptions, readWholeNumber } from '../read-options.ts'
import { UsageError } from '../usage-error.ts'

/** What the command line asks for; no names = all benchmarks but those that must be named. */
export type BenchOptions = { names: string[]; messages: number | undefined; help: boolean }

const OPTIONS = { messages: { value: 'N' }, help: { short: 'h' } }
const MAX_MESSAGES = 10_000_000

/**
 * Reads the command line.
 * @param known the names of all benchmarks
 * @throws {UsageError} for the first thing that is wrong with it
 */
export function readBenchOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { options, names } = readOptions(args, OPTIONS)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new UsageError(`Unknown benchmark ${unknown}. Known: ${known.join(', ')}.`)
  const messages = options.get('messages')
  return {
    names: [...new Set(names)],
    messages: messages === undefined ? undefined : readWholeNumber('messages', messages, { min: 1, max: MAX_MESSAGES }),
    help: options.has('help'),
  }
}
