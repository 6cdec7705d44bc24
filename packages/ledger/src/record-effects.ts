import { binaryArray } from '@outbox/outbox/binary-array'
import type { ClientBase } from 'pg'
import { type PackedEffect, packEffects } from './pack-effects.ts'

/** A run's effects in a group come from one partition of a topic. */
export type EffectsOrigin = { run: string; group: string; topic: string; partition: number }

/** Writes effects down in their order, and counts them; makes partitions of the ledger when these run short. */
export async function recordEffects(
  tx: ClientBase,
  { run, group, topic, partition }: EffectsOrigin,
  effects: readonly PackedEffect[],
): Promise<void> {
  const pieces = binaryArray('bytea', packEffects(effects, pieceBytes))
  const { rows } = await tx.query<{ short: boolean }>({
    name: 'ledger_record_effects',
    text: recordStatement,
    values: [run, group, topic, partition, effects.length, pieces],
  })
  if (rows[0]?.short === true) await tx.query('select ledger.add_partitions()')
}

/** So that a row fills a page: beyond it, PostgreSQL would cut it into pieces of 2 kB and index them. */
const pieceBytes = 8_000

const recordStatement = `
with head as (
  select coalesce(pg_sequence_last_value('ledger.effect_id_seq'), 0) as id
), counted as (
  insert into ledger.progress as progress (run, group_name, topic, partition, effects, after_id, updated_at)
  select $1, $2, $3, $4, $5, id, clock_timestamp() from head
  on conflict (run, group_name, topic, partition)
    do update set effects = progress.effects + excluded.effects, updated_at = excluded.updated_at
  returning id
), recorded as (
  insert into ledger.effect (progress_id, effects)
  select counted.id, piece from counted, unnest($6::bytea[]) as piece
)
select to_regclass('ledger.effect_' || id / 10000 + 8) is null as short from head`
