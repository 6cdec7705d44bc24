import type { Queryable } from '@outbox/outbox/queryable'

/** Makes a consumer group known, so that an audit misses it when it is down. Done at each start of a member. */
export async function registerGroup(db: Queryable, group: string): Promise<void> {
  await db.query('insert into inbox.consumer_group (name) values ($1) on conflict do nothing', [group])
}
