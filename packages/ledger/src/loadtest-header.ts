/** The header of a load test's message. */
export const loadtestHeader = 'loadtest'

/** What a load test says about its message. */
export type LoadtestStamp = {
  run: string
  /** The message's number in the run, from 0. */
  sequence: number
  /** The message's number among those of its key, from 0. */
  keySequence: number
  /** When it was to be sent, in ms since 1970. */
  sentAtMs: number
  /** CRC-32 of the payload's bytes, unsigned. */
  checksum: number
}

/** @returns `run/sequence/key sequence/sent at (ms)/crc32 of the payload` */
export function formatLoadtestHeader({ run, sequence, keySequence, sentAtMs, checksum }: LoadtestStamp): string {
  return `${run}/${sequence}/${keySequence}/${sentAtMs}/${checksum}`
}

/** @returns undefined when `text` is not such a header: it is somebody else's, then */
export function parseLoadtestHeader(text: string): LoadtestStamp | undefined {
  // By hand: three groups read each message, and a regular expression costs four times as much.
  const runEnd = text.indexOf('/')
  const sequenceEnd = text.indexOf('/', runEnd + 1)
  const keySequenceEnd = text.indexOf('/', sequenceEnd + 1)
  const sentAtEnd = text.indexOf('/', keySequenceEnd + 1)
  if (runEnd < 1 || sequenceEnd < runEnd || keySequenceEnd < sequenceEnd || sentAtEnd < keySequenceEnd) return undefined
  const sequence = wholeNumber(text.slice(runEnd + 1, sequenceEnd), maxInt)
  const keySequence = wholeNumber(text.slice(sequenceEnd + 1, keySequenceEnd), maxInt)
  const sentAtMs = wholeNumber(text.slice(keySequenceEnd + 1, sentAtEnd), maxTimeMs)
  const checksum = wholeNumber(text.slice(sentAtEnd + 1), maxChecksum)
  if (sequence < 0 || keySequence < 0 || sentAtMs < 0 || checksum < 0) return undefined
  return { run: text.slice(0, runEnd), sequence, keySequence, sentAtMs, checksum }
}

const maxInt = 2 ** 31 - 1
const maxChecksum = 2 ** 32 - 1
/** The year 5138; microseconds of it are still exact. */
const maxTimeMs = 1e14 - 1

/** @returns −1 when `digits` is not a number from 0 to `max` in plain digits */
function wholeNumber(digits: string, max: number): number {
  if (digits.length === 0 || digits.length > 14) return -1
  let number = 0
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number <= max ? number : -1
}
