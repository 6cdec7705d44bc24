/** What this package logs with; pino's loggers fit. */
export type KafkaLogger = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** How to reach a Kafka cluster. Each function of this package opens the connections it needs and closes them itself. */
export type KafkaConnection = {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly logger: KafkaLogger
  readonly connectionTimeoutMs: number
  readonly requestTimeoutMs: number
}

/**
 * Describes a Kafka cluster; nothing is opened yet, so it can't fail for a broker that is down.
 * @param options.brokers `host:port` of one broker or more, to find the others by
 * @param options.connectionTimeoutMs for a TCP connection and its first answer; short, since a dead host doesn't refuse
 * @param options.requestTimeoutMs for the answer to any request
 */
export function connectKafka(options: {
  brokers: readonly string[]
  clientId: string
  logger: KafkaLogger
  connectionTimeoutMs?: number
  requestTimeoutMs?: number
}): KafkaConnection {
  return { connectionTimeoutMs: 3_000, requestTimeoutMs: 10_000, ...options }
}
