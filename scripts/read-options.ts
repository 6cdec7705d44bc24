import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

/** The options a script knows; `value` is what stands for an option's value in messages, and is absent where it takes none. */
export type KnownOptions = Record<string, { value?: string; short?: string }>

/** What was given: options by name, an empty text for those without value, and the rest. */
export type GivenOptions<Name extends string> = { options: ReadonlyMap<Name, string>; names: string[] }

/**
 * Reads a command line. Node's own strictness would stop at `--relays -1` with a riddle.
 * @throws {UsageError} for an option that is unknown, or given twice, or whose value is missing or one too many
 */
export function readOptions<Known extends KnownOptions>(
  args: readonly string[],
  known: Known,
): GivenOptions<keyof Known & string> {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value, short }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const given = new Map<keyof Known & string, string>()
  const names: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') names.push(token.value)
    if (token.kind !== 'option') continue
    const option = known[token.name]
    if (option === undefined || !Object.hasOwn(known, token.name)) {
      throw new UsageError(`Unknown option ${token.rawName}. Known: ${writtenNames(known)}.`)
    }
    if (given.has(token.name)) throw new UsageError(`${token.rawName} is given twice.`)
    if (option.value === undefined && token.value !== undefined) {
      throw new UsageError(`--${token.name} takes no value, so leave out "=${token.value}".`)
    }
    if (option.value !== undefined && (token.value === undefined || token.value.startsWith('--'))) {
      throw new UsageError(`--${token.name} needs a value: --${token.name} ${option.value}`)
    }
    given.set(token.name, token.value ?? '')
  }
  return { options: given, names }
}

/**
 * A whole number, in digits alone.
 * @throws {UsageError} naming the option, what was given and what may be
 */
export function readWholeNumber(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const number = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (number >= min && number <= max) return number
  throw new UsageError(`--${name} ${text}: give a whole number from ${min} to ${max}, in digits alone.`)
}

function writtenNames(known: KnownOptions): string {
  return Object.keys(known)
    .map((name) => `--${name}`)
    .join(' ')
}
