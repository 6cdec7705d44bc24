import type { KafkaConnection } from './connect-kafka.ts'
import { withAdmin } from './with-admin.ts'

/** How far a group is behind in one partition. */
export type PartitionLag = {
  topic: string
  partition: number
  /** the group's next offset as last committed to Kafka; undefined before the first commit */
  committed: bigint | undefined
  logEnd: bigint
  /** messages */
  lag: bigint
}

/**
 * A group's lag as Kafka sees it; up to a second old, since commits are collected.
 * @returns by topic as given, then by partition
 */
export function groupLag(
  connection: KafkaConnection,
  { group, topics }: { group: string; topics: readonly string[] },
): Promise<PartitionLag[]> {
  return withAdmin(connection, async (admin) => {
    const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] })
    const lags: PartitionLag[] = []
    for (const topic of topics) {
      const offsets = new Map(
        committed
          .find((entry) => entry.topic === topic)
          ?.partitions.map(({ partition, offset }) => [partition, offset]),
      )
      const bounds = await admin.fetchTopicOffsets(topic)
      for (const { partition, low, high } of bounds.sort((a, b) => a.partition - b.partition)) {
        lags.push({ topic, partition, ...lagOf({ offset: BigInt(offsets.get(partition) ?? -1), low, high }) })
      }
    }
    return lags
  })
}

/** Kafka gives a negative offset where nothing was committed. */
function lagOf({
  offset,
  low,
  high,
}: {
  offset: bigint
  low: string
  high: string
}): Omit<PartitionLag, 'topic' | 'partition'> {
  const logEnd = BigInt(high)
  const next = offset > BigInt(low) ? offset : BigInt(low)
  return { committed: offset < 0n ? undefined : offset, logEnd, lag: logEnd > next ? logEnd - next : 0n }
}
