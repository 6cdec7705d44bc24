import { migrateInbox } from '@outbox/inbox/migrate-inbox'
import { registerGroup } from '@outbox/inbox/register-group'
import { migrateLedger } from '@outbox/ledger/migrate-ledger'
import { recordEffects } from '@outbox/ledger/record-effects'
import type pg from 'pg'
import { keyName, type RunPlan } from '../../apps/load-tester/src/plan/run-plan.ts'

/** The effects of a run in which nothing went wrong. */
export type LedgerToFill = { run: string; plan: RunPlan; groups: readonly string[]; signal: AbortSignal }

/** As a consumer's transaction has them under load. */
const effectsAtOnce = 3_000

/** Makes the schemas of consumers, registers the groups and writes down the effects, the groups' side by side. */
export async function fillLedger(pool: pg.Pool, { run, plan, groups, signal }: LedgerToFill): Promise<void> {
  await migrateInbox(pool)
  await migrateLedger(pool)
  for (const group of groups) await registerGroup(pool, group)
  const client = await pool.connect()
  try {
    for (let first = 0; first < plan.messages; first += effectsAtOnce) {
      signal.throwIfAborted()
      const effects = effectsFrom(plan, first)
      for (const group of groups)
        await recordEffects(client, { run, group, topic: 'shared-events', partition: 0 }, effects)
    }
  } finally {
    client.release()
  }
}

function effectsFrom(plan: RunPlan, first: number) {
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
