import type { Handler } from '@outbox/inbox/handler'
import type { Pool } from 'pg'

/**
 * An example of a handler: adds up the amounts of orders by customer. Adding is where a second effect would show.
 *
 *     CONSUMER_GROUP=totals CONSUMER_HANDLER=examples/total-by-key.ts node src/main.ts
 *
 * Whatever it writes by `tx` is committed together with the group's position, or not at all. When it throws, for a
 * payload that isn't JSON for instance, that message alone is tried again and at last kept as a dead letter.
 */
export const handle: Handler = async (tx, messages) => {
  const orders = messages.map(({ key, value }) => ({ customer: String(key), ...JSON.parse(String(value)) }))
  await tx.query(
    `insert into customer_total (customer, amount)
     select customer, sum(amount) from unnest($1::text[], $2::numeric[]) as orders (customer, amount)
     group by customer order by customer
     on conflict (customer) do update set amount = customer_total.amount + excluded.amount`,
    [orders.map(({ customer }) => customer), orders.map(({ amount }) => amount)],
  )
}

/** Makes the handler's own table; the lock is for members that start at once. */
export async function prepare(pool: Pool): Promise<void> {
  await pool.query(`
    select pg_advisory_xact_lock(hashtext('customer_total'));
    create table if not exists customer_total (customer text primary key, amount numeric not null)`)
}
