/** The system that chaos runs are made on: names, and the settings that differ from the defaults. */

export const producers = ['producer-1', 'producer-2', 'producer-3'] as const
/** Those that run all the time, and those that join now and then. */
export const relays = ['relay-1', 'relay-2', 'relay-3'] as const
export const reserveRelays = ['relay-4', 'relay-5'] as const
export const consumers = ['consumer-1', 'consumer-2', 'consumer-3', 'consumer-4', 'consumer-5', 'consumer-6'] as const

/** The load's topic, and the one that is given more partitions. */
export const topics = { load: 'shared-events', growing: 'chaos-growing' } as const

/** The key of messages that Kafka must refuse, and of no others. */
export const poisonKey = 'poison'

/** Short, so that relays take over from each other, and members from members, many times in a run. */
export const leaseMs = 3_000
/** The shortest one that a consumer takes. */
export const sessionTimeoutMs = 6_000

/** After so long a transaction that is open is worth a log line. */
export const warnTransactionMs = 10_000

export const chaosSettings = {
  RELAY_LEASE_MS: String(leaseMs),
  RELAY_SEND_TIMEOUT_MS: '2000',
  RELAY_HOUSEKEEPING_MS: '2000',
  RELAY_WARN_TRANSACTION_SECONDS: String(warnTransactionMs / 1_000),
  CONSUMER_SESSION_TIMEOUT_MS: String(sessionTimeoutMs),
  OUTBOX_RETENTION: '20s',
}
