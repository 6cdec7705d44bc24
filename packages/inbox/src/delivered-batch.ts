/** Messages of one partition in the order of their offsets, as they were fetched from Kafka. */
export type DeliveredBatch = {
  topic: string
  partition: number
  /** The first offset that the fetch covered: nothing between it and the messages is missing. */
  fetchedOffset: bigint
  /** What Kafka was asked for; where the log doesn't hold it, it was fetched from elsewhere. */
  soughtOffset: bigint
  /** The partition's first offset, as far as it is known. */
  logStart: bigint | undefined
  /** One beyond the partition's last offset. */
  logEnd: bigint
  messages: readonly DeliveredMessage[]
  /** Aborts when the member has lost the partition, or stops. */
  signal: AbortSignal
}

/** One message of Kafka. */
export type DeliveredMessage = {
  offset: bigint
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, string>
  /** When it was published, in milliseconds since 1970. */
  timestamp: number
}
