import type { Queryable } from '@outbox/outbox/queryable'
import type { MessagePlace } from './message-place.ts'
import { readPosition } from './positions.ts'
import { ShardPositions } from './shard-positions.ts'

/** How far a group has come in a shard, of what stands in a Kafka partition. */
export type GroupPosition = { group: string; n: bigint; id: bigint }

/** The positions of all groups that have applied anything of this shard from this partition. */
export async function groupPositions(
  db: Queryable,
  { topic, partition, log, shard }: { topic: string; partition: number } & Pick<MessagePlace, 'log' | 'shard'>,
): Promise<GroupPosition[]> {
  const { rows } = await db.query<{ group: string; positions: string[] }>(
    `select group_name as "group", positions from inbox.kafka_offset
     where topic = $1 and partition = $2 order by group_name`,
    [topic, partition],
  )
  return rows.flatMap(({ group, positions }) => {
    const position = new ShardPositions(positions.map(readPosition)).get({ log, shard })
    return position ? [{ group, n: position.n, id: position.id }] : []
  })
}
