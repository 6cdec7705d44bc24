import type { ClientBase } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { createEffectParser } from './parse-effects.ts'
import { readProgress } from './read-progress.ts'

/** What a message did to the ledger, once. Times are in ms since 1970; checksums are unsigned. */
export type Effect = {
  group: string
  sequence: number
  keySequence: number
  key: string | null
  checksumSent: number
  checksumReceived: number
  sentAtMs: number
  appendedAtMs: number | null
  publishedAtMs: number
  /** By the database's clock, with fractions. */
  appliedAtMs: number
  /** Its message was sent again, or was a dead letter of its group: a second effect, or one after its turn. */
  replayed: boolean
}

/**
 * Hands the effects of a run to `onEffect`, all groups', in the order in which they happened.
 * Memory is bounded, whatever their number. `client` is used for one read-only transaction, so that all is one state.
 */
export async function streamEffects(
  client: ClientBase,
  { run, onEffect }: { run: string; onEffect: (effect: Effect) => void },
): Promise<void> {
  await client.query('begin isolation level repeatable read read only')
  try {
    await client.query(`set local work_mem = '128MB'; set local statement_timeout = 0; set local jit = off`)
    await streamPartitions(client, { run, onEffect })
  } finally {
    await client.query('rollback')
  }
}

/** As the migration cuts them: one is read at a time, through and through, and sorted; hence no index on the ids. */
const partitionIds = 10_000n

async function streamPartitions(
  client: ClientBase,
  { run, onEffect }: { run: string; onEffect: (effect: Effect) => void },
): Promise<void> {
  const progress = await readProgress(client, run)
  if (progress.length === 0) return
  const groups = new Map(progress.map(({ id, group }) => [id, group]))
  const ids = progress.map(({ id }) => id).join(',')
  let missing = progress.reduce((sum, { effects }) => sum + effects, 0n)
  const [first = 0n] = progress.map(({ afterId }) => afterId).sort((a, b) => Number(a - b))
  const head = await readHead(client)
  for (let low = first - (first % partitionIds); missing > 0n && low <= head; low += partitionIds) {
    const copy = client.query(
      copyTo(`copy (
        select progress_id, applied_at, effects from ledger.effect
        where id >= ${low} and id < ${low + partitionIds} and progress_id in (${ids}) order by id
      ) to stdout (format binary)`),
    )
    const parser = createEffectParser(groups, onEffect)
    for await (const chunk of copy) parser.push(chunk as Buffer)
    missing -= BigInt(parser.count())
  }
  if (missing > 0n) throw new LedgerError(run, missing)
}

/** The ledger holds fewer effects than it counted: somebody deleted some by hand. */
export class LedgerError extends Error {
  readonly code = 'OUTBOX_LEDGER_INCOMPLETE'

  constructor(run: string, missing: bigint) {
    super(`The ledger counted ${missing} effects of run ${run} that it no longer holds: the run cannot be audited.`)
    this.name = 'LedgerError'
  }
}

async function readHead(client: ClientBase): Promise<bigint> {
  const { rows } = await client.query<{ head: string }>('select last_value as head from ledger.effect_id_seq')
  return BigInt(rows[0]?.head ?? 0)
}
