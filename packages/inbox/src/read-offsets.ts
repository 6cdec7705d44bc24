import type { Queryable } from '@outbox/outbox/queryable'

/**
 * Where a group goes on in a Kafka partition.
 * @returns the offset to seek to; undefined = the group never applied anything of it and begins at the log's start
 */
export async function nextOffset(
  db: Queryable,
  { group, topic, partition }: { group: string; topic: string; partition: number },
): Promise<bigint | undefined> {
  const { rows } = await db.query<{ next_offset: string | null }>({
    name: 'inbox_next_offset',
    text: 'select next_offset from inbox.kafka_offset where group_name = $1 and topic = $2 and partition = $3',
    values: [group, topic, partition],
  })
  const kept = rows[0]?.next_offset
  return typeof kept === 'string' ? BigInt(kept) : undefined
}
