import type { KafkaMessage } from 'kafkajs'
import type { HeaderReader } from './header-reader.ts'

export type ReceivedMessage = {
  offset: bigint
  key: Buffer | null
  value: Buffer | null
  /** a header that stands there more than once has its last value, one without a value has '' */
  headers: Record<string, string>
  /** when Kafka says that it was published, in ms since 1970 */
  timestamp: number
}

/** Consecutive messages of one partition. */
export type ReceivedBatch = {
  topic: string
  partition: number
  /** from where on this batch holds every message */
  fetchedOffset: bigint
  /** what Kafka was asked for; another `fetchedOffset` means that the log was cut there, or made anew */
  soughtOffset: bigint
  /** the oldest offset in the log when it was last looked at: at the assignment, and whenever `fetchedOffset` surprises */
  logStart: bigint | undefined
  /** one behind the newest offset that may be read */
  logEnd: bigint
  messages: ReceivedMessage[]
  /** aborts when this member has lost the partition, or its time to stop in good order is over */
  signal: AbortSignal
}

/** A message in this package's terms, whoever produced it. `headers` is for one batch, or several. */
export function receivedMessage(message: DecodedMessage, headers: HeaderReader): ReceivedMessage {
  const { key, value, exactOffset, timestampMs, buffer, headersAt } = message
  return {
    offset: exactOffset ?? BigInt(message.offset),
    key,
    value,
    headers: buffer === undefined || headersAt === undefined ? {} : headers.read(buffer, headersAt),
    timestamp: timestampMs ?? Number(message.timestamp),
  }
}

/**
 * What the patched kafkajs adds to a message (docs/adr/0010-kafkajs-patched.md): the values themselves behind its own texts, and
 * where the headers stand in the fetched bytes. Messages in Kafka's formats from before 0.11 have none of it, and no headers.
 */
export type DecodedMessage = KafkaMessage & {
  exactOffset?: bigint
  timestampMs?: number
  buffer?: Buffer
  headersAt?: number
}
