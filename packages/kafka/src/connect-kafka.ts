/** What this package logs with; pino's loggers fit. */
export type KafkaLogger = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** How to talk to a listener that doesn't take everybody's plain text; what is left out is not used. */
export type KafkaSecurity = {
  /**
   * The broker's certificate must be for the host that was asked for, and come from an authority in `ca`; without it, from one that
   * Node trusts. `cert` and `key` are this client's own, for who asks for one. All as PEM.
   */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  }
}

/** How to reach a Kafka cluster. Each function of this package opens the connections it needs and closes them itself. */
export type KafkaConnection = {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly logger: KafkaLogger
  readonly connectionTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly security: KafkaSecurity
}

/**
 * Describes a Kafka cluster; nothing is opened yet, so it can't fail for a broker that is down.
 * @param options.brokers `host:port` of one broker or more, to find the others by
 * @param options.connectionTimeoutMs for a TCP connection and its first answer; short, since a dead host doesn't refuse
 * @param options.requestTimeoutMs for the answer to any request
 * @param options.security without it: plain text, and no name
 */
export function connectKafka(options: {
  brokers: readonly string[]
  clientId: string
  logger: KafkaLogger
  connectionTimeoutMs?: number
  requestTimeoutMs?: number
  security?: KafkaSecurity
}): KafkaConnection {
  return { connectionTimeoutMs: 3_000, requestTimeoutMs: 10_000, security: {}, ...options }
}
