import type { Handler } from '@outbox/inbox/handler'
import type { Pool } from 'pg'

/** Each message becomes a row, slowly; one whose value stands in the table `poison` fails. */
export const handle: Handler = async (tx, messages, { group, topic, partition }) => {
  const values = messages.map(({ value }) => String(value))
  const { rows } = await tx.query('select value from poison where value = any ($1)', [values])
  if (rows[0]) throw new Error(`can't take ${rows[0].value}`)
  await tx.query(
    `insert into effect (group_name, topic, partition, value)
     select $1, $2, $3, value from unnest($4::text[]) with ordinality as message (value, nth) order by nth`,
    [group, topic, partition, values],
  )
  await tx.query('select pg_sleep(0.01)')
}

/** The tables that `handle` and its tests work on. */
export async function prepare(pool: Pool): Promise<void> {
  await pool.query(`
    select pg_advisory_xact_lock(hashtext('record-effects'));
    create table if not exists poison (value text primary key);
    create table if not exists effect (
      seq bigint generated always as identity primary key, group_name text, topic text, partition int, value text)`)
}
