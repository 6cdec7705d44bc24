import type { Queryable } from './queryable.ts'

/** A dead letter behind which what comes later with its topic and key waits. */
export type Hold = {
  topic: string
  key: string
  /** Its place in the queue of its key: the row's id when it was appended first. */
  firstId: bigint
  /** The row as which it stands in the log again; undefined while it is parked. */
  resentId: bigint | undefined
  ambiguous: boolean
}

/** All holds of these shards, in the order of their queues. Only the owner of a shard adds to them; an operator may take away. */
export async function readHolds(db: Queryable, shards: readonly number[]): Promise<Hold[]> {
  const { rows } = await db.query<HoldRow>({ name: 'outbox-holds', text: holdsText, values: [shards] })
  return rows.map(({ topic, key, first_id, resent_id, ambiguous }) => ({
    topic,
    key,
    firstId: BigInt(first_id),
    resentId: resent_id === null ? undefined : BigInt(resent_id),
    ambiguous,
  }))
}

/** Changes when holds were added or taken away, by whomever. */
export async function readHoldsMark(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ mark: string }>({ name: 'outbox-holds-mark', text: markText })
  return rows[0]?.mark ?? ''
}

type HoldRow = { topic: string; key: string; first_id: string; resent_id: string | null; ambiguous: boolean }

const holdsText = `
  select topic, key, first_id, resent_id, ambiguous from outbox.dead_letter
  where holds and shard = any($1::int[]) order by first_id`

const markText = `select count(*) || ':' || coalesce(sum(id), 0) as mark from outbox.dead_letter where holds`
