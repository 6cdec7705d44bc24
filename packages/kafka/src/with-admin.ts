import type { Admin } from 'kafkajs'
import type { KafkaConnection } from './connect-kafka.ts'
import { kafkaClient } from './kafka-client.ts'
import { explained } from './security-error.ts'

/**
 * Runs `use` with an admin client that lives no longer: an idle kafkajs connection costs CPU (kafkajs#1751).
 * @throws {SecurityError} when TLS or SASL is set in another way than the broker's
 */
export async function withAdmin<Result>(
  connection: KafkaConnection,
  use: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = kafkaClient(connection, { retries: connection.brokers.length }).admin()
  try {
    await admin.connect()
    return await use(admin)
  } catch (error) {
    throw explained(error, connection.security)
  } finally {
    await admin.disconnect()
  }
}
