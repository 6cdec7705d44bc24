import { connectKafka, type KafkaConnection, type KafkaSecurity } from '@outbox/kafka/connect-kafka'
import { pino } from 'pino'

/** Where Kafka is, and how it is talked to; without brokers nobody has said it. */
export type KafkaAddress = { brokers: readonly string[]; security: KafkaSecurity }

/** What Kafka says, or why it doesn't. */
export type KafkaAnswer<Result> = { value: Result } | { reason: string }

const boundMs = 5_000

/** Asks Kafka for no longer than 5 s, and never throws for its sake: a command goes on without it. */
export async function askKafka<Result>(
  { brokers, security }: KafkaAddress,
  ask: (kafka: KafkaConnection) => Promise<Result>,
): Promise<KafkaAnswer<Result>> {
  if (brokers.length === 0) return { reason: 'nobody has said where Kafka is: name it with --kafka-brokers' }
  const kafka = connectKafka({
    brokers,
    clientId: 'outbox-operator',
    logger: pino({ level: 'silent' }),
    connectionTimeoutMs: 1_000,
    requestTimeoutMs: 3_000,
    security,
  })
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${boundMs / 1_000} s`)), boundMs)
  try {
    return { value: await Promise.race([ask(kafka), late]) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { reason: `Kafka at ${brokers.join(',')} does not answer: ${reason}` }
  } finally {
    clearTimeout(timer)
  }
}
