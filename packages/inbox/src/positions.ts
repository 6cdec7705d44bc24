import { formatPlace, parsePlace } from '@outbox/outbox/place'
import type { ClientBase } from 'pg'
import { ShardPositions } from './shard-positions.ts'

/** A group's share of a Kafka partition: what one transaction is about. */
export type GroupPartition = { group: string; topic: string; partition: number }

/** What a group keeps of a partition. */
export type Kept = {
  /** undefined: it begins at the log's start */
  nextOffset: bigint | undefined
  positions: ShardPositions
}

const ensureRow = `
  insert into inbox.kafka_offset (group_name, topic, partition)
  values ($1, $2, $3)
  on conflict do nothing`

const lockRow = `
  select next_offset, positions from inbox.kafka_offset
  where group_name = $1 and topic = $2 and partition = $3
  for update`

const moveRow = `
  update inbox.kafka_offset set next_offset = $4, positions = $5
  where group_name = $1 and topic = $2 and partition = $3`

/**
 * Locks what a group keeps of a partition until the transaction ends, and reads it.
 *
 * A lock on a row that isn't there locks nothing: a member that was thrown out of the group and its successor would both
 * apply the partition's first messages. So where it is missing it is inserted, which waits for the commit of another that
 * does the same, and locked again, by a statement that sees what that one left.
 */
export async function lockPositions(tx: ClientBase, { group, topic, partition }: GroupPartition): Promise<Kept> {
  const values = [group, topic, partition]
  for (;;) {
    const { rows } = await tx.query<KeptRow>({ name: 'inbox_lock_row', text: lockRow, values })
    if (rows[0]) return keptIn(rows[0])
    await tx.query({ name: 'inbox_ensure_row', text: ensureRow, values })
  }
}

/** Moves what `lockPositions` has locked. */
export async function movePositions(
  tx: ClientBase,
  { group, topic, partition }: GroupPartition,
  { nextOffset, positions }: { nextOffset: bigint; positions: ShardPositions },
): Promise<void> {
  const values = [group, topic, partition, nextOffset, positions.all.map(formatPlace)]
  await tx.query({ name: 'inbox_move_row', text: moveRow, values })
}

type KeptRow = { next_offset: string | null; positions: string[] }

function keptIn({ next_offset, positions }: KeptRow): Kept {
  return {
    nextOffset: next_offset === null ? undefined : BigInt(next_offset),
    positions: new ShardPositions(positions.map(readPosition)),
  }
}

/** @throws when somebody has written into inbox.kafka_offset what isn't a place */
export function readPosition(text: string) {
  const place = parsePlace(text)
  if (place === undefined) throw new Error(`inbox.kafka_offset holds "${text}" among its positions, which is no place`)
  return place
}
