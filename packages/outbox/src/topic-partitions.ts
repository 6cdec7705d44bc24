import type { Queryable } from './queryable.ts'

/** How many partitions a topic had when: part of the log, so that a place always has the same partition. */
export type TopicPartitions = {
  /**
   * The partitions of `topic` for places of batch `n`. A topic's first count also holds for the batches before it: nothing
   * of it was published earlier. Undefined for a topic that isn't known yet.
   */
  at(topic: string, n: bigint): number | undefined
  /** The newest count; undefined for a topic that isn't known yet. */
  latest(topic: string): number | undefined
  /** Those that are known. */
  topics: readonly string[]
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
  return {
    at(topic, n) {
      const counts = newestFirst.get(topic)
      return (counts?.find(({ fromN }) => fromN <= n) ?? counts?.at(-1))?.partitions
    },
    latest: (topic) => newestFirst.get(topic)?.[0]?.partitions,
    topics: [...newestFirst.keys()],
  }
}
