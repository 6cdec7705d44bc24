import kafkajs, { type Kafka, type logCreator, type SASLOptions } from 'kafkajs'
import type { KafkaConnection, KafkaLogger } from './connect-kafka.ts'
import { openSocket } from './open-socket.ts'

/**
 * A kafkajs client of its own for one use of the connection. It tries the brokers in a random order, so that one that is
 * dead isn't always the first.
 * @param options.retries kafkajs' own attempts after the first: at connecting, each with another broker, and at requests
 */
export function kafkaClient(
  connection: KafkaConnection,
  options: { retries: number; requestTimeoutMs?: number },
): Kafka {
  const { tls, sasl } = connection.security
  return new kafkajs.Kafka({
    brokers: shuffled(connection.brokers),
    clientId: connection.clientId,
    connectionTimeout: connection.connectionTimeoutMs,
    requestTimeout: options.requestTimeoutMs ?? connection.requestTimeoutMs,
    retry: { retries: options.retries, initialRetryTime: 100, maxRetryTime: 1_000 },
    socketFactory: openSocket,
    ...(tls && { ssl: { ...tls } }),
    // kafkajs writes into it.
    ...(sasl && { sasl: { ...sasl } as SASLOptions }),
    logLevel: kafkajs.logLevel.INFO,
    logCreator: logTo(connection.logger),
  })
}

/**
 * What kafkajs logs, twice a request, when Kafka refuses messages: its words for MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE and
 * INVALID_RECORD. Nothing is wrong with Kafka then, and finding the one message takes several such requests.
 */
const refusals = new Set([
  'The request included a message larger than the max message size the server will accept',
  'The request included message batch larger than the configured segment size on the server',
  'This record has failed the validation on broker and hence be rejected',
])

/**
 * kafkajs calls an error what its callers then handle, and warns of each rebalance: one level lower is what they mean here.
 * What can't be handled reaches the caller as an exception. That of a refused message is the publisher's to tell.
 */
function logTo(logger: KafkaLogger): logCreator {
  return () =>
    ({ namespace, level, log: { message: said, ...fields } }) => {
      const meant = level === kafkajs.logLevel.ERROR ? 'warn' : level === kafkajs.logLevel.WARN ? 'info' : 'debug'
      // An error itself, against kafkajs' own types, where the broker that is refused isn't the first.
      const message = (said as unknown) instanceof Error ? (said as unknown as Error).message : said
      const words = withoutValue(message)
      const isRefusal = words !== message || refusals.has(String(fields.error ?? message))
      logger[isRefusal ? 'debug' : meant]({ ...known(fields), kafkajs: namespace }, `kafkajs: ${words}`)
    }
}

/** What of kafkajs' fields is logged, by our names for them. Asked for by its environment, it would write requests and answers, too. */
function known({ groupId, error, ...fields }: Record<string, unknown>): object {
  const { broker, topic, partition, offset, memberId, retryCount, retryTime } = fields
  const words = error instanceof Error ? error.message : error
  const reason = typeof words === 'string' ? withoutValue(words) : undefined
  return { broker, group: groupId, topic, partition, offset, memberId, retryCount, retryTime, reason }
}

/** What can't be encoded is quoted by Node, and kafkajs passes that on. */
function withoutValue(words: string): string {
  return words.replace(/\.? Received .*$/s, '')
}

function shuffled(brokers: readonly string[]): string[] {
  return brokers
    .map((broker) => ({ broker, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ broker }) => broker)
}
