import { type GroupOffset, readGroupOffsets } from '@outbox/inbox/read-group-offsets'
import type { KafkaConnection } from '@outbox/kafka/connect-kafka'
import { countPartitions } from '@outbox/kafka/count-partitions'
import { type LogBounds, readLogBounds } from '@outbox/kafka/log-bounds'
import type { Queryable } from '@outbox/outbox/queryable'
import { readTopicPartitions } from '@outbox/outbox/topic-partitions'

type Bounds = ReadonlyMap<string, ReadonlyMap<number, LogBounds>>

/**
 * How many messages each group has not applied yet: from the offset that the inbox keeps to the end of each partition of the
 * log's topics. A topic that Kafka doesn't have counts nothing.
 * @returns by group
 */
export async function groupLags(
  db: Queryable,
  kafka: KafkaConnection,
  groups: readonly string[],
): Promise<Map<string, bigint>> {
  const offsets = await readGroupOffsets(db)
  const { topics } = await readTopicPartitions(db)
  const named = new Set([...topics, ...offsets.map(({ topic }) => topic)])
  const there = await countPartitions(kafka, [...named])
  const bounds = await readLogBounds(kafka, [...there.keys()])
  return new Map(
    groups.map((group) => [
      group,
      lagOf(
        offsets.filter((offset) => offset.group === group),
        bounds,
      ),
    ]),
  )
}

/** A partition of which a group has applied nothing yet is read from its start. */
export function lagOf(offsets: readonly Omit<GroupOffset, 'group'>[], bounds: Bounds): bigint {
  let lag = 0n
  for (const [topic, partitions] of bounds) {
    for (const [partition, { start, end }] of partitions) {
      const kept = offsets.find((offset) => offset.topic === topic && offset.partition === partition)?.nextOffset
      const next = kept === undefined || kept < start ? start : kept
      if (end > next) lag += end - next
    }
  }
  return lag
}
