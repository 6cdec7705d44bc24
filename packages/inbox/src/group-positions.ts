import type { Queryable } from '@outbox/outbox/queryable'
import type { MessagePlace } from './message-place.ts'

/** How far a group has come in a shard, of what stands in a Kafka partition. */
export type GroupPosition = { group: string; n: bigint; id: bigint }

/** The positions of all groups that have applied anything of this shard from this partition. */
export async function groupPositions(
  db: Queryable,
  { topic, partition, log, shard }: { topic: string; partition: number } & Pick<MessagePlace, 'log' | 'shard'>,
): Promise<GroupPosition[]> {
  const { rows } = await db.query<{ group: string; n: string; id: string }>(
    `select group_name as "group", n, id from inbox.position
     where topic = $1 and partition = $2 and log = $3 and shard = $4 order by group_name`,
    [topic, partition, log, shard],
  )
  return rows.map(({ group, n, id }) => ({ group, n: BigInt(n), id: BigInt(id) }))
}
