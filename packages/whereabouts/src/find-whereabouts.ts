import { countDeadLettersByGroup } from '@outbox/inbox/count-dead-letters'
import { findGroupDeadLetters, type GroupDeadLetter } from '@outbox/inbox/find-dead-letters'
import { groupPositions } from '@outbox/inbox/group-positions'
import { partitionFor } from '@outbox/kafka/partition-for'
import { deadLettersOf, type MessageDeadLetter } from '@outbox/outbox/dead-letters-of'
import { type Batch, findBatch } from '@outbox/outbox/find-batch'
import type { FoundMessage } from '@outbox/outbox/find-message'
import { comparePlaces, formatPlace } from '@outbox/outbox/place'
import type { Queryable } from '@outbox/outbox/queryable'
import { readLog } from '@outbox/outbox/read-log'
import { readShards } from '@outbox/outbox/read-shards'
import { readTopicPartitions } from '@outbox/outbox/topic-partitions'

/** How far a message has come. */
export type Whereabouts = Awaited<ReturnType<typeof findWhereabouts>>

export type Application = 'applied' | 'not yet' | 'dead letter' | 'unknown'

/** The groups that have applied all that a Kafka partition holds now. */
export type GroupsAtEnd = (at: { topic: string; partition: number }) => Promise<string[]>

/**
 * Follows a row of the log to its place, its shard's position, the dead letters and each group's positions.
 * @param groupsAtEnd is asked where the positions leave it open whether a group has applied it
 */
export async function findWhereabouts(db: Queryable, message: FoundMessage, groupsAtEnd: GroupsAtEnd) {
  const { id, shard } = message
  const { id: log } = await readLog(db)
  const batch = await findBatch(db, message.xid)
  const position = (await readShards(db)).find((state) => state.shard === shard)?.position ?? { n: 0n, id: 0n }
  const passed = 'by' in batch || ('n' in batch && comparePlaces(position, { n: batch.n, id }) >= 0)
  const partition = await partitionOf(db, message, batch)
  const parked = await deadLettersOf(db, message)
  const failed = await findGroupDeadLetters(db, message.messageId)
  const groups = await followGroups(db, message, { log, batch, passed, partition, parked, failed, groupsAtEnd })
  return {
    message,
    place: 'n' in batch ? formatPlace({ log, shard, n: batch.n, id }) : null,
    /** A tick that has seen it, where its own is swept. */
    seenBy: 'by' in batch ? batch.by : null,
    /** Up to where its shard is published. */
    shardPosition: formatPlace({ log, shard, ...position }),
    /** The shard's position is at or behind its place: Kafka has confirmed it, unless it is or was a dead letter. */
    passed,
    partition: partition ?? null,
    parked,
    groups,
    failed,
  }
}

type Course = {
  log: string
  batch: Batch
  passed: boolean
  partition: number | undefined
  parked: readonly MessageDeadLetter[]
  failed: readonly GroupDeadLetter[]
  groupsAtEnd: GroupsAtEnd
}

/** What has become of it in each registered group; Kafka is asked only where the positions leave it open. */
async function followGroups(db: Queryable, message: FoundMessage, course: Course) {
  const { log, passed, partition, parked, failed, groupsAtEnd } = course
  const { topic, shard } = message
  const positions = partition === undefined ? [] : await groupPositions(db, { topic, partition, log, shard })
  const groups = (await countDeadLettersByGroup(db)).map(({ group }) => {
    const position = positions.find((each) => each.group === group)
    const isFailed = failed.some((letter) => letter.group === group)
    const state: Application = isFailed ? 'dead letter' : applicationOf(message, position, course)
    return { group, state, position: position === undefined ? null : formatPlace({ log, shard, ...position }) }
  })
  if (!passed || partition === undefined || parked.length > 0) return groups
  if (!groups.some(({ state }) => state === 'unknown')) return groups
  const atEnd = await groupsAtEnd({ topic, partition })
  return groups.map((one) => {
    const state: Application = one.state === 'unknown' && atEnd.includes(one.group) ? 'applied' : one.state
    return { ...one, state }
  })
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
  { batch, passed, partition, parked }: Course,
): Application {
  if (!passed || parked.some((letter) => letter.id === id && !letter.ambiguous)) return 'not yet'
  if (partition === undefined || parked.length > 0) return 'unknown'
  if ('n' in batch) return position && comparePlaces(position, { n: batch.n, id }) >= 0 ? 'applied' : 'not yet'
  const isBeyond = position && 'by' in batch && comparePlaces(position, { n: batch.by, id }) >= 0
  return isBeyond || position?.id === id ? 'applied' : 'unknown'
}
