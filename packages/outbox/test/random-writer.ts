import { setTimeout as sleep } from 'node:timers/promises'
import type { SeededRandom } from '@outbox/local-stack/seeded-random'
import type pg from 'pg'
import { appendMessages } from '../src/append-messages.ts'

export type RandomWriter = {
  pool: pg.Pool
  writer: number
  random: SeededRandom
  /** Keys that all writers share; the last number given to each, which only the holder of the key's lock raises. */
  sequences: Map<string, number>
  /** Messages that committed: their ids. */
  committed: Set<string>
}

/** Transactions with savepoints, rollbacks and pauses, one after another until `signal` aborts. */
export async function writeAtRandom(writer: RandomWriter, signal: AbortSignal): Promise<void> {
  const session = await writer.pool.connect()
  while (!signal.aborted) await writeTransaction(writer, session)
  session.release()
}

async function writeTransaction(
  { writer, random, sequences, committed }: RandomWriter,
  tx: pg.ClientBase,
): Promise<void> {
  await tx.query('begin')
  // Long transactions keep to a key of their own: they would make other writers wait, which isn't what is tested.
  const long = random.chance(0.02)
  const key = long ? `own ${writer}` : `shared ${random.between(0, 7)}`
  await tx.query('select pg_advisory_xact_lock(hashtext($1))', [key])
  const ids: string[] = []
  for (let step = random.between(0, 2); step >= 0; step--) {
    const numbers = Array.from({ length: 1 + random.between(0, 4) }, () => nextNumber(sequences, key))
    await tx.query('savepoint step')
    const appended = await appendMessages(
      tx,
      numbers.map((number) => ({ topic: 'shared-events', key, payload: `${number}` })),
    )
    if (random.chance(0.2)) await tx.query('rollback to step')
    else ids.push(...appended)
    if (random.chance(0.3)) await sleep(long ? 300 + random.between(0, 899) : random.between(0, 14))
  }
  const rolledBack = random.chance(0.2)
  await tx.query(rolledBack ? 'rollback' : 'commit')
  if (rolledBack) return
  for (const id of ids) committed.add(id)
}

function nextNumber(sequences: Map<string, number>, key: string): number {
  const number = (sequences.get(key) ?? 0) + 1
  sequences.set(key, number)
  return number
}
