import type { Queryable } from '@outbox/outbox/queryable'

/** A consumer group, and how many messages its handler has failed for good. */
export type GroupCount = { group: string; deadLetters: number }

/** How many a group keeps, counted no further than `atMost`: the cost has a bound as well. */
export async function countDeadLettersOf(
  db: Queryable,
  { group, atMost }: { group: string; atMost: number },
): Promise<number> {
  const text = `
    select count(*)::int as count
    from (select from inbox.dead_letter where group_name = $1 limit $2) as kept`
  const { rows } = await db.query<{ count: number }>(text, [group, atMost])
  return rows[0]?.count ?? 0
}

/** The registered groups by name; none where no consumer has ever been started. */
export async function countDeadLettersByGroup(db: Queryable): Promise<GroupCount[]> {
  const { rows: inbox } = await db.query(`select from pg_namespace where nspname = 'inbox'`)
  if (inbox.length === 0) return []
  const { rows } = await db.query<GroupCount>(`
    select name as "group", count(dead_letter.id)::int as "deadLetters"
    from inbox.consumer_group left join inbox.dead_letter on group_name = name
    group by name order by name`)
  return rows
}
