import { parseArgs } from 'node:util'

/** What the command line asks for; no names = all benchmarks. */
export type BenchOptions = { names: string[]; messages: number | undefined; help: boolean }

/** The command line is wrong; the message says what, and what to write instead. */
export class UsageError extends Error {
  readonly code = 'OUTBOX_BENCH_USAGE'
}

const MAX_MESSAGES = 10_000_000

/**
 * Reads the command line.
 * @param known the names of all benchmarks
 * @throws {UsageError} for the first thing that is wrong with it
 */
export function readBenchOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { values, positionals } = parse(args)
  const unknown = positionals.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new UsageError(`Unknown benchmark ${unknown}. Known: ${known.join(', ')}.`)
  return { names: [...new Set(positionals)], messages: readMessages(values.messages), help: values.help ?? false }
}

function parse(args: readonly string[]) {
  const options = { messages: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function readMessages(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const messages = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (messages >= 1 && messages <= MAX_MESSAGES) return messages
  throw new UsageError(`--messages ${text}: give a whole number from 1 to ${MAX_MESSAGES}, in digits alone.`)
}
