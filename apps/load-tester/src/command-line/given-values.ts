import { type GivenOptions, knownOptions, type NumberRange, type OptionName } from './known-options.ts'
import { UsageError } from './usage-error.ts'

/** The value of an option, undefined where it wasn't given. */
export function textOf(given: GivenOptions, name: OptionName): string | undefined {
  return textsOf(given, name).at(-1)
}

/** Of an option that may be given several times. */
export function textsOf(given: GivenOptions, name: OptionName): string[] {
  return (given.get(name) ?? []).filter((value) => value !== true)
}

type NumberOption = {
  [Name in OptionName]: (typeof knownOptions)[Name] extends { number: NumberRange } ? Name : never
}[OptionName]

/** @throws {UsageError} for anything but a whole number in the option's range */
export function numberOf(given: GivenOptions, name: NumberOption): number | undefined {
  const text = textOf(given, name)
  if (text === undefined) return undefined
  const { min, max } = knownOptions[name].number
  const number = wholeNumber(text, { min, max })
  if (number !== undefined) return number
  throw new UsageError(`--${name} ${text}: give a whole number from ${min} to ${max}, in digits alone.`)
}

/** @returns undefined for what isn't one, or is out of range */
export function wholeNumber(text: string, { min, max }: NumberRange): number | undefined {
  const number = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
  return number >= min && number <= max ? number : undefined
}
