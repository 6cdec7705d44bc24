import type { KafkaConnection } from './connect-kafka.ts'
import { withAdmin } from './with-admin.ts'

/** Offsets of a partition's log: the oldest one, and one behind the newest. */
export type LogBounds = { start: bigint; end: bigint }

/**
 * Looks up where each partition of these topics begins and ends.
 * @returns by topic, then by partition
 */
export function readLogBounds(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<Map<string, Map<number, LogBounds>>> {
  return withAdmin(connection, async (admin) => {
    const bounds = new Map<string, Map<number, LogBounds>>()
    for (const topic of topics) {
      const partitions = await admin.fetchTopicOffsets(topic)
      bounds.set(
        topic,
        new Map(partitions.map(({ partition, low, high }) => [partition, { start: BigInt(low), end: BigInt(high) }])),
      )
    }
    return bounds
  })
}
