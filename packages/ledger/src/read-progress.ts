import type { Queryable } from '@outbox/outbox/queryable'

/** How far a group has come with the messages of a run in one partition of a topic. */
export type Progress = {
  id: number
  group: string
  topic: string
  partition: number
  /** Effects counted, those of a message that took effect twice included. */
  effects: bigint
  /** The ids of these effects are above this one. */
  afterId: bigint
}

/** @returns a row for each group and partition that messages of the run were applied from; none for an unknown run */
export async function readProgress(db: Queryable, run: string): Promise<Progress[]> {
  const { rows } = await db.query<Omit<Progress, 'effects' | 'afterId'> & { effects: string; afterId: string }>(
    `select id, group_name as "group", topic, partition, effects, after_id as "afterId"
     from ledger.progress where run = $1 order by group_name, topic, partition`,
    [run],
  )
  return rows.map((row) => ({ ...row, effects: BigInt(row.effects), afterId: BigInt(row.afterId) }))
}
