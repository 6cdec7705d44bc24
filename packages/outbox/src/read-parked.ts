import type { Queryable } from './queryable.ts'

/** How many messages are parked, by what they wait for. */
export type Parked = {
  /** Their next attempt. */
  retry: number
  /** Another message of their key. */
  key: number
  /** An operator: too many attempts, or perhaps in the topic already. */
  operator: number
}

/** Counts the dead letters; those that stand in the log again are none. */
export async function readParked(db: Queryable): Promise<Parked> {
  const { rows } = await db.query<Parked>({ name: 'outbox-parked', text })
  return rows[0] ?? { retry: 0, key: 0, operator: 0 }
}

const text = `
  select
    (count(*) filter (where next_attempt_at is not null and attempts > 0))::int as retry,
    (count(*) filter (where next_attempt_at is not null and attempts = 0))::int as key,
    (count(*) filter (where next_attempt_at is null))::int as operator
  from outbox.dead_letter where resent_id is null`
