import { InvalidArgumentError } from 'commander'

/** Makes a reader of whole numbers from 1 to `most`, which throws {InvalidArgumentError} for anything else. */
export function toCount(most: number): (text: string) => number {
  return (text) => {
    const count = Number(text)
    if (!/^[0-9]+$/.test(text) || count < 1 || count > most) throw new InvalidArgumentError(`Write 1 to ${most}.`)
    return count
  }
}
