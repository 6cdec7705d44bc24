import type { Queryable } from '@outbox/outbox/queryable'

/** Where a group goes on in a Kafka partition; undefined: nothing of it was ever applied. */
export type GroupOffset = { group: string; topic: string; partition: number; nextOffset: bigint | undefined }

/** All that is kept, of all groups. */
export async function readGroupOffsets(db: Queryable): Promise<GroupOffset[]> {
  const { rows } = await db.query<{ group: string; topic: string; partition: number; next: string | null }>(
    'select group_name as "group", topic, partition, next_offset as next from inbox.kafka_offset',
  )
  return rows.map(({ next, ...row }) => ({ ...row, nextOffset: next === null ? undefined : BigInt(next) }))
}
