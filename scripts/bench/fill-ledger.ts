import { migrateInbox } from '@outbox/inbox/migrate-inbox'
import { registerGroup } from '@outbox/inbox/register-group'
import { migrateLedger } from '@outbox/ledger/migrate-ledger'
import { type PackedEffect, packEffects } from '@outbox/ledger/pack-effects'
import { binaryArray } from '@outbox/outbox/binary-array'
import type pg from 'pg'
import { keyName, type RunPlan } from '../../apps/load-tester/src/plan/run-plan.ts'

/** The effects of a run in which nothing went wrong. */
export type LedgerToFill = { run: string; plan: RunPlan; groups: readonly string[]; signal: AbortSignal }

/** As a consumer's transaction has them under load. */
const effectsAtOnce = 3_000
/** As in the ledger's handler: a row fills a page. */
const pieceBytes = 8_000

/** Makes the schemas of consumers, registers the groups and writes down the effects, the groups' side by side. */
export async function fillLedger(pool: pg.Pool, { run, plan, groups, signal }: LedgerToFill): Promise<void> {
  await migrateInbox(pool)
  await migrateLedger(pool)
  for (const group of groups) await registerGroup(pool, group)
  const { rows } = await pool.query<{ id: number }>(
    `insert into ledger.progress (run, group_name, topic, partition, effects, after_id, updated_at)
     select $1, name, 'shared-events', 0, $2, 0, clock_timestamp() from unnest($3::text[]) as name returning id`,
    [run, plan.messages, groups],
  )
  const progressIds = rows.map(({ id }) => id)
  for (let first = 0; first < plan.messages; first += effectsAtOnce) {
    signal.throwIfAborted()
    const pieces = packEffects(effectsFrom(plan, first), pieceBytes)
    await pool.query({
      name: 'fill-ledger',
      text: `insert into ledger.effect (progress_id, effects)
        select id, piece from unnest($1::int[]) as id, unnest($2::bytea[]) as piece`,
      values: [progressIds, binaryArray('bytea', pieces)],
    })
    await pool.query({ name: 'add-partitions', text: addPartitions })
  }
}

const addPartitions = `
  select ledger.add_partitions()
  where to_regclass('ledger.effect_' || pg_sequence_last_value('ledger.effect_id_seq') / 10000 + 8) is null`

function effectsFrom(plan: RunPlan, first: number): PackedEffect[] {
  const nowMs = Date.now()
  return Array.from({ length: Math.min(effectsAtOnce, plan.messages - first) }, (_, index) => {
    const sequence = first + index
    return {
      sequence,
      keySequence: plan.keySequenceOf(sequence),
      checksumSent: sequence,
      checksumReceived: sequence,
      sentAtMs: nowMs - 300,
      appendedAtMs: nowMs - 200,
      publishedAtMs: nowMs - 100,
      replayed: false,
      key: Buffer.from(keyName(plan.keyOf(sequence))),
    }
  })
}
