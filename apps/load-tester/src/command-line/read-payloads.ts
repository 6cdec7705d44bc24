import { PayloadFileError, readPayloadFile } from '../plan/payload-file.ts'
import { textOf, wholeNumber } from './given-values.ts'
import { type GivenOptions, knownOptions } from './known-options.ts'
import type { RunOptions } from './run-options.ts'
import { UsageError } from './usage-error.ts'

/** What the messages carry. */
export type PayloadOptions = Pick<RunOptions, 'payloadBytes' | 'payloadBytesMax' | 'payloads'>

/**
 * What the options say of payloads, on top of a scenario's. A file is read through, so that what is wrong with it is said
 * before anything else happens.
 * @throws {UsageError} for a size that isn't one, or a file with a line that producers would refuse
 */
export function readPayloads(given: GivenOptions, scenario: RunOptions): PayloadOptions {
  const payloads = textOf(given, 'payloads')
  if (payloads === undefined)
    return readSizes(textOf(given, 'payload-bytes')) ?? { payloadBytes: scenario.payloadBytes }
  if (given.has('payload-bytes'))
    throw new UsageError('--payload-bytes contradicts --payloads: those of the file have their sizes.')
  try {
    readPayloadFile(payloads)
  } catch (error) {
    if (error instanceof PayloadFileError) throw new UsageError(`--payloads ${error.message}`)
    throw error
  }
  return { payloadBytes: scenario.payloadBytes, payloads }
}

function readSizes(text: string | undefined): PayloadOptions | undefined {
  if (text === undefined) return undefined
  const [least = '', most = least, ...more] = text.split('-')
  const { min, max } = knownOptions['payload-bytes'].number
  const payloadBytes = wholeNumber(least, { min, max })
  const payloadBytesMax = wholeNumber(most, { min: payloadBytes ?? min, max })
  if (payloadBytes === undefined || payloadBytesMax === undefined || more.length > 0)
    throw new UsageError(
      `--payload-bytes ${text}: give a whole number from ${min} to ${max}, or two with a hyphen between.`,
    )
  return { payloadBytes, ...(payloadBytesMax > payloadBytes && { payloadBytesMax }) }
}
