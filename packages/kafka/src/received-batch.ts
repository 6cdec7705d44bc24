import type { KafkaMessage } from 'kafkajs'

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

/** A message in this package's terms, whoever produced it. */
export function receivedMessage({ offset, key, value, headers, timestamp }: KafkaMessage): ReceivedMessage {
  const texts: Record<string, string> = {}
  for (const name in headers) {
    const given = headers[name]
    const last = Array.isArray(given) ? given.at(-1) : given
    texts[name] = last?.toString() ?? ''
  }
  return { offset: BigInt(offset), key, value, headers: texts, timestamp: Number(timestamp) }
}
