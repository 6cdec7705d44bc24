import type { Admin } from 'kafkajs'
import { rawKafka } from './bench/raw-kafka.ts'

/** Does something that only an administrator of Kafka may, over a connection of its own. */
export async function asAdmin<Result>(brokers: string, act: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = rawKafka(brokers).admin()
  await admin.connect()
  try {
    return await act(admin)
  } finally {
    await admin.disconnect()
  }
}
