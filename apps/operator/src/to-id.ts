import { InvalidArgumentError } from 'commander'

/** Reads the id of a row. @throws {InvalidArgumentError} for anything else */
export function toId(text: string): bigint {
  if (!isId(text)) throw new InvalidArgumentError('An id is a whole number from 1 on.')
  return BigInt(text)
}

/** Whether it is one: a whole number from 1 on, within 64 bits. */
export function isId(text: string): boolean {
  return /^[1-9][0-9]{0,17}$/.test(text)
}
