import type { Queryable } from './queryable.ts'

/** How many partitions a topic had when: part of the log, so that a place always has the same partition. */
export type TopicPartitions = {
  /** The partitions of `topic` for places of batch `n`; undefined for a topic that wasn't known yet. */
  at(topic: string, n: bigint): number | undefined
}

/** Reads what ticks recorded. A copy: read it again after a tick that named topics. */
export async function readTopicPartitions(db: Queryable): Promise<TopicPartitions> {
  const { rows } = await db.query<{ topic: string; from_n: string; partitions: number }>(
    'select topic, from_n, partitions from outbox.topic order by from_n desc',
  )
  const newestFirst = new Map<string, { fromN: bigint; partitions: number }[]>()
  for (const { topic, from_n, partitions } of rows) {
    const known = newestFirst.get(topic) ?? []
    newestFirst.set(topic, known)
    known.push({ fromN: BigInt(from_n), partitions })
  }
  return { at: (topic, n) => newestFirst.get(topic)?.find(({ fromN }) => fromN <= n)?.partitions }
}
