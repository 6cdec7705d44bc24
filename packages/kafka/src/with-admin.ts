import type { Admin } from 'kafkajs'
import type { KafkaConnection } from './connect-kafka.ts'
import { kafkaClient } from './kafka-client.ts'

/** Runs `use` with an admin client that lives no longer: an idle kafkajs connection costs CPU (kafkajs#1751). */
export async function withAdmin<Result>(
  connection: KafkaConnection,
  use: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = kafkaClient(connection, { retries: connection.brokers.length }).admin()
  try {
    await admin.connect()
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}
