import { countDeadLettersByGroup } from '@outbox/inbox/count-dead-letters'
import { findGroupDeadLetters } from '@outbox/inbox/find-dead-letters'
import { groupPositions } from '@outbox/inbox/group-positions'
import { partitionFor } from '@outbox/kafka/partition-for'
import { type Batch, findBatch } from '@outbox/outbox/find-batch'
import type { FoundMessage } from '@outbox/outbox/find-message'
import { findParked } from '@outbox/outbox/find-parked'
import { comparePlaces, formatPlace } from '@outbox/outbox/place'
import type { Queryable } from '@outbox/outbox/queryable'
import { readLog } from '@outbox/outbox/read-log'
import { readShards } from '@outbox/outbox/read-shards'
import { readTopicPartitions } from '@outbox/outbox/topic-partitions'

/** How far a message has come. */
export type Whereabouts = Awaited<ReturnType<typeof findWhereabouts>>

export type Application = 'applied' | 'not yet' | 'dead letter' | 'unknown'

/** Follows a row of the log to its place, its shard's position, the dead letters and each group's positions. */
export async function findWhereabouts(db: Queryable, message: FoundMessage) {
  const { id, shard, messageId, topic } = message
  const { id: log } = await readLog(db)
  const batch = await findBatch(db, message.xid)
  const position = (await readShards(db)).find((state) => state.shard === shard)?.position ?? { n: 0n, id: 0n }
  const passed = 'by' in batch || ('n' in batch && comparePlaces(position, { n: batch.n, id }) >= 0)
  const parked = await findParked(db, { id, messageId })
  const partition = await partitionOf(db, message, batch)
  const positions = partition === undefined ? [] : await groupPositions(db, { topic, partition, log, shard })
  const failed = await findGroupDeadLetters(db, messageId)
  const groups = (await countDeadLettersByGroup(db)).map(({ group }) => ({
    group,
    state: failed.some((letter) => letter.group === group)
      ? ('dead letter' as const)
      : applicationOf(
          message,
          positions.find((each) => each.group === group),
          { batch, passed, partition },
        ),
  }))
  return {
    message,
    place: 'n' in batch ? formatPlace({ log, shard, n: batch.n, id }) : null,
    /** A tick that has seen it, where its own is swept. */
    seenBy: 'by' in batch ? batch.by : null,
    /** The shard's position is at or behind its place: Kafka has confirmed it, unless it is or was a dead letter. */
    passed,
    partition: partition ?? null,
    parked,
    groups,
    failed,
  }
}

/**
 * The partition that its place fixes, as the relay computes it. Undefined where its tick is swept and the topic had several
 * counts until then, or none is known.
 */
async function partitionOf(db: Queryable, { id, topic, key }: FoundMessage, batch: Batch): Promise<number | undefined> {
  const counts = await readTopicPartitions(db)
  if ('none' in batch) return undefined
  const count = counts.at(topic, 'n' in batch ? batch.n : batch.by)
  if (count === undefined || ('by' in batch && counts.at(topic, 0n) !== count)) return undefined
  return key === null ? Number(id % BigInt(count)) : partitionFor(key, count)
}

function applicationOf(
  { id }: FoundMessage,
  position: { n: bigint; id: bigint } | undefined,
  { batch, passed, partition }: { batch: Batch; passed: boolean; partition: number | undefined },
): Application {
  if (!passed) return 'not yet'
  if (partition === undefined) return 'unknown'
  if (position === undefined) return 'not yet'
  if ('n' in batch) return comparePlaces(position, { n: batch.n, id }) >= 0 ? 'applied' : 'not yet'
  return 'by' in batch && comparePlaces(position, { n: batch.by, id }) >= 0 ? 'applied' : 'unknown'
}
